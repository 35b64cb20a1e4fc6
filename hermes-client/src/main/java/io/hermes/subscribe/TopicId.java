package io.hermes.subscribe;

import org.apache.kafka.common.Uuid;

/**
 * Which topic it is among all that ever had its name.
 *
 * @param cluster the cluster's id: a mirror has the same topics and commits, under other ids
 * @param id given by the cluster when the topic was made
 */
record TopicId(String cluster, Uuid id) {}

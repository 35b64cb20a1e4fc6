package io.hermes.subscribe;

import org.apache.kafka.common.Uuid;

/**
 * Identifies a topic among all topics that ever had its name.
 *
 * @param cluster the cluster's id: a mirror has the same topics and commits, under other ids
 * @param id assigned by the cluster when the topic was created
 */
record TopicId(String cluster, Uuid id) {}

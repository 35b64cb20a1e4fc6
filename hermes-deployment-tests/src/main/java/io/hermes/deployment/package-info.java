/**
 * Reads what this repository deploys, and runs it without a cluster.
 *
 * <p>Not {@code @NullMarked}: every getter of the Kubernetes client may return null, which here is
 * a test that fails.
 */
package io.hermes.deployment;

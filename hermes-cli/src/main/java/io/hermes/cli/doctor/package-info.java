/** {@code hermes doctor}: what is wrong between this machine and the brokers, and on them. */
@NullMarked
package io.hermes.cli.doctor;

import org.jspecify.annotations.NullMarked;

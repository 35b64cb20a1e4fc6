/** A publisher and a group of members in JVMs of their own, and faults at random moments. */
@NullMarked
package io.hermes.faults;

import org.jspecify.annotations.NullMarked;

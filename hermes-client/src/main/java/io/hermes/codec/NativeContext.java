package io.hermes.codec;

/** Holds native memory until it is closed. For one thread at a time. */
interface NativeContext extends AutoCloseable {

  @Override
  void close();
}

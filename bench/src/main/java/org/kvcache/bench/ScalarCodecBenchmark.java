package org.kvcache.bench;

import org.openjdk.jmh.annotations.Fork;

/** The same loops in plain Java, to hold against those in the Vector API. */
@Fork(value = 1, jvmArgsAppend = "-Dkvcache.vectorization=scalar")
public class ScalarCodecBenchmark extends CodecBenchmark {

  /** Called by JMH. */
  public ScalarCodecBenchmark() {}
}

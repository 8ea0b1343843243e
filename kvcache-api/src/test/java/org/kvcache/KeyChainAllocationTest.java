package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyChainAllocationTest {

  private static final int BLOCKS = 10_000;
  private static final int ROUNDS = 5;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @CsvSource({
    "sha256, 16",
    "sha256, 128",
    "xxh3, 16",
    "xxh3, 128",
    "sha256_cbor, 16",
    "sha256_cbor, 128"
  })
  void appendingAllocatesNothing(String name, int blockTokens) {
    KeyChain chain = BlockHasher.of(name).chain(new KeySpace("model", "tenant"));
    int[] tokens = IntStream.range(0, blockTokens).toArray();
    ExtraKeys extras = ExtraKeys.ofLora("lora").withMultimodal("image", -3);
    BlockKeys keys = new BlockKeys(BLOCKS);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      least = Math.min(least, append(chain, tokens, extras, keys));
    }
    assertEquals(0, least);
  }

  private static long append(KeyChain chain, int[] tokens, ExtraKeys extras, BlockKeys keys) {
    chain.reset();
    keys.clear();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BLOCKS; i++) {
      chain.append(tokens, 0, tokens.length, extras, keys);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}

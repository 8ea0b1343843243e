package org.kvcache.sim.trace;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a dump of vLLM's KV events, one JSON batch or event a line. Each {@code BlockStored} on the
 * device becomes a request: the chain of its parent followed by the stored run.
 *
 * <p>What such a dump can tell: which prefixes were computed, in which order, and how they branch;
 * so footprint, sharing between branches, and every recomputation after an eviction. What it cannot
 * tell: reuse that needed no new block, since a full hit stores nothing. Hit rates from it are
 * lower bounds, and depend on the cache that was dumped. It has no sessions and no output lengths,
 * prompt lengths are whole blocks, and a request whose blocks were stored in several steps appears
 * as several. {@code BlockRemoved} and {@code AllBlocksCleared} are what that cache did, not what
 * was asked of it, and are passed over. A parent the dump does not show is taken as a first block.
 */
final class VllmEventsReader implements TraceReader {
  private static final int NO_BLOCK = -1;

  private final String name;
  private final JsonRecords json;
  private final KvEventParser parser;
  private final ArrivalOrder order = new ArrivalOrder();
  private final Deque<StoredRun> queue = new ArrayDeque<>();
  private final Long2LongHashMap blockOfHash = new Long2LongHashMap(NO_BLOCK);
  private long[] hashes = new long[1024];
  private int[] parents = new int[1024];
  private int[] depths = new int[1024];
  private int blocks;
  private double timeMillis;
  private final int blockTokens;

  VllmEventsReader(Path file, TraceInput input) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    json = new JsonRecords(file.toString(), input);
    parser = new KvEventParser(json);
    fill();
    @Nullable StoredRun first = queue.peek();
    blockTokens = (first == null) ? TraceFormat.VLLM_EVENTS.blockTokens() : first.blockTokens;
  }

  @Override
  public boolean next(Request into) {
    fill();
    @Nullable StoredRun run = queue.poll();
    if (run == null) {
      return false;
    }
    if (run.blockTokens != blockTokens) {
      throw json.error(
          "field 'block_size' is "
              + run.blockTokens
              + ", but "
              + blockTokens
              + " before; split the dump where the engine was restarted");
    }
    into.clear();
    @Nullable Long parentHash = run.parent;
    int parent = (parentHash == null) ? NO_BLOCK : block(parentHash, NO_BLOCK);
    addPrefix(parent, run.hashes.length, into);
    for (long hash : run.hashes) {
      into.addId(hash);
      parent = block(hash, parent);
    }
    into.timeMillis = timeMillis;
    into.inputTokens = (int) Math.min(Integer.MAX_VALUE, (long) into.count * blockTokens);
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    json.close();
  }

  private void fill() {
    while (queue.isEmpty() && parser.nextBatch()) {
      if (parser.seconds() >= 0) {
        @Nullable String problem = order.problem("ts", parser.seconds());
        if (problem != null) {
          throw json.error(problem);
        }
        timeMillis = Seconds.toMillis(parser.seconds());
      }
      queue.addAll(parser.stored());
    }
  }

  /**
   * The block of a hash, made under {@code parent} if new. A known block keeps its parent: a block
   * is then always younger than its parent, and no input can close a cycle.
   */
  private int block(long hash, int parent) {
    long known = blockOfHash.get(hash);
    if (known != NO_BLOCK) {
      return (int) known;
    }
    if (blocks == hashes.length) {
      hashes = Arrays.copyOf(hashes, blocks * 2);
      parents = Arrays.copyOf(parents, blocks * 2);
      depths = Arrays.copyOf(depths, blocks * 2);
    }
    hashes[blocks] = hash;
    parents[blocks] = parent;
    depths[blocks] = (parent == NO_BLOCK) ? 1 : depths[parent] + 1;
    blockOfHash.put(hash, blocks);
    return blocks++;
  }

  private void addPrefix(int leaf, int more, Request into) {
    int count = (leaf == NO_BLOCK) ? 0 : depths[leaf];
    if (count > Request.MAX_IDS - more) {
      throw json.error(
          "the chain of a stored block is longer than " + Request.MAX_IDS + " blocks; split it");
    }
    into.addRun(0, count);
    int block = leaf;
    for (int i = count - 1; i >= 0; i--) {
      into.ids[i] = hashes[block];
      block = parents[block];
    }
  }
}

package org.kvcache.offload;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisException;
import io.lettuce.core.protocol.AsyncCommand;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockBuffers;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierStatus;

/**
 * Blocks in Redis or Valkey. Every call is a row of batches; a batch is sent at once and awaited,
 * and the first that does not go well ends the call.
 */
final class RedisBlockTier implements BlockTier {

  private static final Logger LOGGER = System.getLogger(RedisBlockTier.class.getName());

  /** Keys asked for at once when only their presence matters. */
  private static final int PROBE_KEYS = 256;

  private final BlockKey space;
  private final long recordBytes;
  private final int batchBlocks;
  private final RedisRequests requests;
  private final Outages outages;
  private final RedisLink link;
  private final AtomicLong corruptBlocks = new AtomicLong();
  private volatile boolean closed;

  /** Where a batch of records is made; only the storing thread touches the field. */
  private @Nullable MemorySegment outgoing;

  RedisBlockTier(RedisSettings settings, TierContext context) {
    space = context.space();
    recordBytes = BlockRecord.bytes(context.blockBytes());
    batchBlocks = Math.clamp(settings.batchBytes() / recordBytes, 1, PROBE_KEYS);
    requests = new RedisRequests(settings.keyPrefix(), space, settings.timeToLive());
    outages = new Outages(settings.address(), settings.retryAfter());
    link = new RedisLink(settings);
  }

  @Override
  public int probe(BlockKeys keys, int from, int to) {
    return inBatches(from, to, PROBE_KEYS, (start, end) -> leadingPresent(keys, start, end));
  }

  /** False: the server is asked. */
  @Override
  public boolean probesMemory() {
    return false;
  }

  /** As in {@link BlockTier}; {@code into} is written by threads of the client. */
  @Override
  public int load(BlockKeys keys, int from, int to, BlockBuffers into) {
    return inBatches(from, to, batchBlocks, (start, end) -> loadBatch(keys, start, end, into));
  }

  @Override
  public int store(BlockKeys keys, int from, int to, BlockBuffers blocks) {
    return outages.mayStore()
        ? inBatches(from, to, batchBlocks, (start, end) -> storeBatch(keys, start, end, blocks))
        : 0;
  }

  @Override
  public TierStatus status() {
    return new TierStatus(
        outages.isAvailable(), 0, 0, 0, 0, corruptBlocks.get(), outages.failures());
  }

  @Override
  public void close() {
    closed = true;
    link.close();
  }

  /** What one batch does for the blocks {@code [from, to)}; tells for how many it went well. */
  @FunctionalInterface
  private interface Batch {
    int run(int from, int to);
  }

  private int inBatches(int from, int to, int batchSize, Batch batch) {
    if (from == to || closed || !outages.mayAsk()) {
      return 0;
    }
    int next = from;
    boolean judged = false;
    try {
      int end;
      do {
        end = Math.min(to, next + batchSize);
        next += batch.run(next, end);
      } while (next == end && end < to);
      outages.succeeded();
      judged = true;
    } catch (RedisCommandInterruptedException e) {
      LOGGER.log(Level.DEBUG, "interrupted", e);
    } catch (RedisException e) {
      outages.failed(e);
      judged = true;
    } finally {
      if (!judged) {
        outages.gaveUp();
      }
    }
    return next - from;
  }

  private int leadingPresent(BlockKeys keys, int from, int to) {
    List<Boolean> present = present(keys, from, to);
    int missing = present.indexOf(false);
    return missing < 0 ? to - from : missing;
  }

  private List<Boolean> present(BlockKeys keys, int from, int to) {
    var asked = new ArrayList<AsyncCommand<byte[], MemorySegment, Long>>(to - from);
    for (int i = from; i < to; i++) {
      asked.add(requests.exists(keys.get(i)));
    }
    link.exchange(asked);
    return asked.stream().map(request -> answer(request) != 0).toList();
  }

  private int loadBatch(BlockKeys keys, int from, int to, BlockBuffers into) {
    var landings = new ArrayList<Landing>(to - from);
    var asked = new ArrayList<AsyncCommand<byte[], MemorySegment, Landing.Outcome>>(to - from);
    for (int i = from; i < to; i++) {
      var landing = new Landing(space, keys.hi(i), keys.lo(i), into.buffer(i));
      landings.add(landing);
      asked.add(requests.get(keys.get(i), landing));
    }
    try {
      link.exchange(asked);
    } finally {
      landings.forEach(Landing::close);
    }
    List<Landing.Outcome> outcomes = asked.stream().map(RedisBlockTier::answer).toList();
    int loaded = 0;
    while (loaded < outcomes.size() && outcomes.get(loaded) == Landing.Outcome.LOADED) {
      loaded++;
    }
    discardCorrupt(keys, from, outcomes);
    return loaded;
  }

  /** Makes room for right records of the blocks. */
  private void discardCorrupt(BlockKeys keys, int from, List<Landing.Outcome> outcomes) {
    var deletions = new ArrayList<AsyncCommand<byte[], MemorySegment, Long>>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) == Landing.Outcome.CORRUPT) {
        BlockKey key = keys.get(from + i);
        deletions.add(requests.delete(key));
        LOGGER.log(
            corruptBlocks.getAndIncrement() == 0 ? Level.WARNING : Level.DEBUG,
            "the record of block {0} in Redis is broken; it is a miss, and deleted",
            key);
      }
    }
    if (!deletions.isEmpty()) {
      link.exchange(deletions);
    }
  }

  private int storeBatch(BlockKeys keys, int from, int to, BlockBuffers blocks) {
    List<Boolean> present = present(keys, from, to);
    MemorySegment room = outgoing == null ? room() : outgoing;
    outgoing = null; // given up to the client, and to the garbage collector if the exchange fails
    var sent = new ArrayList<AsyncCommand<byte[], MemorySegment, String>>();
    for (int i = from; i < to; i++) {
      if (!present.get(i - from)) {
        MemorySegment record = room.asSlice(sent.size() * recordBytes, recordBytes);
        BlockRecord.write(record, space, keys.hi(i), keys.lo(i), blocks.buffer(i));
        sent.add(requests.set(keys.get(i), record));
      }
    }
    if (!sent.isEmpty()) {
      link.exchange(sent);
    }
    outgoing = room;
    return to - from - refused(sent);
  }

  private MemorySegment room() {
    return Arena.ofAuto().allocate(batchBlocks * recordBytes, Long.BYTES);
  }

  private int refused(List<AsyncCommand<byte[], MemorySegment, String>> sent) {
    RedisCommandExecutionException refusal = null;
    int count = 0;
    for (AsyncCommand<byte[], MemorySegment, String> request : sent) {
      try {
        answer(request);
      } catch (RedisCommandExecutionException e) {
        refusal = e;
        count++;
      }
    }
    if (refusal != null) {
      outages.refused(refusal);
    } else if (!sent.isEmpty()) {
      outages.accepted();
    }
    return count;
  }

  /**
   * The answer to a request that was exchanged.
   *
   * @throws RedisCommandExecutionException if it is an error
   */
  private static <T> T answer(AsyncCommand<byte[], MemorySegment, T> request) {
    try {
      return request.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RedisException error ? error : new RedisException(e.getCause());
    }
  }
}

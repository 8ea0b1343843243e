package org.kvcache.offload;

import static io.lettuce.core.protocol.CommandType.DEL;
import static io.lettuce.core.protocol.CommandType.EXISTS;
import static io.lettuce.core.protocol.CommandType.GET;
import static io.lettuce.core.protocol.CommandType.SET;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.kvcache.offload.RecordCodec.RECORDS;

import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandKeyword;
import io.lettuce.core.protocol.CommandType;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.kvcache.BlockKey;

/**
 * The four requests that a tier makes, all about one key, so that a cluster can send each where it
 * belongs. A key is the prefix, 32 hex digits of the space, a colon and 32 hex digits of the block.
 */
final class RedisRequests {

  private final String beforeKey;
  private final long timeToLiveMillis;

  RedisRequests(String keyPrefix, BlockKey space, Duration timeToLive) {
    beforeKey = keyPrefix + space + ":";
    timeToLiveMillis = timeToLive.toMillis();
  }

  /** Reads a record to {@code landing}. */
  AsyncCommand<byte[], MemorySegment, Landing.Outcome> get(BlockKey key, Landing landing) {
    return request(GET, landing, to(key));
  }

  /** Answers 1 if there is a record, else 0. */
  AsyncCommand<byte[], MemorySegment, Long> exists(BlockKey key) {
    return request(EXISTS, new IntegerOutput<>(RECORDS), to(key));
  }

  /** Stores a record; the memory must stay as it is until the request is done. */
  AsyncCommand<byte[], MemorySegment, String> set(BlockKey key, MemorySegment record) {
    CommandArgs<byte[], MemorySegment> arguments = to(key).addValue(record);
    if (timeToLiveMillis > 0) {
      arguments.add(CommandKeyword.PX).add(timeToLiveMillis);
    }
    return request(SET, new StatusOutput<>(RECORDS), arguments);
  }

  /** Removes a record. */
  AsyncCommand<byte[], MemorySegment, Long> delete(BlockKey key) {
    return request(DEL, new IntegerOutput<>(RECORDS), to(key));
  }

  private CommandArgs<byte[], MemorySegment> to(BlockKey key) {
    return new CommandArgs<>(RECORDS).addKey((beforeKey + key).getBytes(UTF_8));
  }

  private static <T> AsyncCommand<byte[], MemorySegment, T> request(
      CommandType type,
      CommandOutput<byte[], MemorySegment, T> output,
      CommandArgs<byte[], MemorySegment> arguments) {
    return new AsyncCommand<>(new Command<>(type, output, arguments));
  }
}

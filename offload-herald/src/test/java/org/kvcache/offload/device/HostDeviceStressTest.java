package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageStream;

class HostDeviceStressTest {

  private static final int SLOTS = 16;
  private static final int ROUNDS = 400;

  private final SampleModel model = new SampleModel("mxfp4", 16);

  @Test
  void streamsMoveAndAttendBesideEachOther() throws Exception {
    try (HostPool pool = model.pool(SLOTS);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      var tasks = new ArrayList<Future<?>>();
      for (int part = 0; part < 2; part++) {
        int first = part * SLOTS / 2;
        tasks.add(threads.submit(move(pool, first)));
      }
      tasks.add(threads.submit(attend(pool)));
      for (Future<?> task : tasks) {
        task.get();
      }
    }
  }

  /** Writes half of the slots over and over and looks at them. */
  private Callable<Void> move(HostPool pool, int first) {
    return () -> {
      var random = new Random(first);
      try (PageStream stream = pool.newStream()) {
        for (int round = 0; round < ROUNDS; round++) {
          int count = 1 + random.nextInt(SLOTS / 2);
          int layer = random.nextInt(SampleModel.SHAPE.layers());
          int[] heads = random.ints(count, 0, SampleModel.SHAPE.kvHeads()).toArray();
          int[] slots =
              random.ints(0, SLOTS / 2).distinct().limit(count).map(s -> s + first).toArray();
          MemorySegment staging = stream.staging(count);
          byte[] contents = new byte[count];
          random.nextBytes(contents);
          for (int i = 0; i < count; i++) {
            staging.asSlice(i * model.pageBytes(), model.pageBytes()).fill(contents[i]);
          }
          stream.upload(layer, heads, slots, count);
          assertThat(stream.finish()).isTrue();
          for (int i = 0; i < count; i++) {
            MemorySegment page =
                pool.memory().asSlice(pool.offset(layer, slots[i], heads[i]), model.pageBytes());
            assertThat(page.toArray(ValueLayout.JAVA_BYTE)).containsOnly(contents[i]);
          }
        }
      }
      return null;
    };
  }

  /** Sees only fresh rows, whose values are all one. */
  private static Callable<Void> attend(HostPool pool) {
    return () -> {
      var shape = SampleModel.SHAPE;
      var fresh = new FreshKv(shape, 16, 3, 8);
      float[] ones = new float[fresh.rows() * shape.kvDim()];
      Arrays.fill(ones, 1);
      float[] q = SampleModel.gaussian(new Random(1), 2 * shape.queryDim());
      float[] out = new float[q.length];
      int[][] slots = new int[shape.kvHeads()][0];
      try (PageStream stream = pool.newStream()) {
        fresh.put(1, 0, fresh.rows(), ones, 0, ones, 0);
        for (int round = 0; round < ROUNDS; round++) {
          stream.attend(1, slots, new int[slots.length], fresh, fresh.rows(), 2, q, 0, out, 0);
          for (float element : out) {
            assertThat(element).isBetween(0.999f, 1.001f);
          }
        }
      }
      return null;
    };
  }

  @Test
  void aPoolIsClosedWhileItsStreamsWork() throws Exception {
    for (int round = 0; round < 40; round++) {
      HostPool pool = model.pool(SLOTS);
      var working = new CountDownLatch(2);
      try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
        List<Future<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          PageStream stream = pool.newStream();
          tasks.add(threads.submit(() -> workUntilClosed(stream, working)));
        }
        working.await();
        pool.close();
        for (Future<Boolean> task : tasks) {
          assertThat(task.get()).isTrue();
        }
      }
    }
  }

  /** True if the end came as an exception of the stream, and no other. */
  private boolean workUntilClosed(PageStream stream, CountDownLatch working) {
    var shape = SampleModel.SHAPE;
    var fresh = new FreshKv(shape, 16, 0, 4);
    float[] q = new float[shape.queryDim()];
    float[] out = new float[q.length];
    int[][] slots = {{0, 1}, {2}, {3, 4, 5}};
    int[] counts = {2, 1, 3};
    int[] one = {1};
    while (true) {
      try {
        stream.staging(1);
        stream.upload(0, one, one, 1);
        stream.attend(0, slots, counts, fresh, 4, 1, q, 0, out, 0);
        stream.finish();
        working.countDown();
      } catch (IllegalStateException e) {
        stream.close();
        return e.getMessage().equals("a stream of device host is used after its end");
      }
    }
  }
}

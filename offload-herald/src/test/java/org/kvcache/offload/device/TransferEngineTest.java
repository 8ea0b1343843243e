package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TransferEngineTest {

  private static final long PAGE = 64;
  private static final Link LINK = new Link(1e9, 100); // a nanosecond for each byte

  private final MemorySegment memory = Arena.ofAuto().allocate(16 * PAGE);

  private static Transfer pages(int content, long... targets) {
    var transfer = new Transfer(PAGE);
    transfer.staging(targets.length).fill((byte) content);
    for (int i = 0; i < targets.length; i++) {
      transfer.target(i, targets[i]);
    }
    transfer.begin(targets.length);
    return transfer;
  }

  private int at(long offset) {
    return memory.get(ValueLayout.JAVA_BYTE, offset);
  }

  @Test
  void pagesArriveWhereTheyGo() {
    try (var engine = new TransferEngine(memory, Link.FREE, LinkClock.SYSTEM)) {
      Transfer transfer = pages(7, 2 * PAGE, 5 * PAGE);
      engine.submit(transfer);
      assertThat(transfer.await()).isTrue();
    }
    for (int page = 0; page < 16; page++) {
      assertThat(at(page * PAGE)).isEqualTo(page == 2 || page == 5 ? 7 : 0);
    }
  }

  @Test
  void theLaterOfTwoTransfersToOnePlaceStays() {
    try (var engine = new TransferEngine(memory, LINK, new SteppedClock())) {
      for (int i = 1; i <= 100; i++) {
        engine.submit(pages(i, 0));
      }
      Transfer last = pages(101, 0);
      engine.submit(last);
      assertThat(last.await()).isTrue();
      assertThat(at(0)).isEqualTo(101);
    }
  }

  @Test
  void transfersHaveTheLinkForThemselvesOneAfterTheOther() {
    var gate = new CountDownLatch(1);
    var clock = new SteppedClock(gate);
    try (var engine = new TransferEngine(memory, LINK, clock)) {
      Transfer first = pages(1, 0, PAGE, 2 * PAGE);
      Transfer second = pages(2, 3 * PAGE);
      Transfer third = pages(3, 4 * PAGE, 5 * PAGE);
      engine.submit(first);
      engine.submit(second);
      engine.submit(third);
      gate.countDown();
      assertThat(first.await() && second.await() && third.await()).isTrue();
    }
    assertThat(clock.waits()).containsExactly(100 + 3 * PAGE, 100 + PAGE, 100 + 2 * PAGE);
  }

  @Test
  void anIdleLinkCostsNothing() {
    var clock = new SteppedClock();
    try (var engine = new TransferEngine(memory, LINK, clock)) {
      Transfer first = pages(1, 0);
      engine.submit(first);
      first.await();
      clock.park(5_000);
      Transfer second = pages(2, 0);
      engine.submit(second);
      second.await();
    }
    assertThat(clock.passed()).isEqualTo(5_000 + 2 * (100 + PAGE));
  }

  @Test
  void aTransferThatIsNotOverByTheLinkIsUnderWay() {
    var gate = new CountDownLatch(1);
    var clock = new SteppedClock(gate);
    try (var engine = new TransferEngine(memory, LINK, clock)) {
      Transfer transfer = pages(1, 0);
      engine.submit(transfer);
      assertThat(transfer.underWay()).isTrue();
      gate.countDown();
      assertThat(transfer.await()).isTrue();
      assertThat(transfer.underWay()).isFalse();
      assertThat(clock.passed()).isEqualTo(100 + PAGE);
    }
  }

  @Test
  void anEngineThatIsClosedFailsWhatIsQueuedAndWhatComesLater() {
    var engine = new TransferEngine(memory, new Link(1, 0), LinkClock.SYSTEM);
    Transfer longer = pages(1, 0);
    Transfer queued = pages(2, PAGE);
    engine.submit(longer);
    engine.submit(queued);
    engine.close();
    Transfer late = pages(3, 2 * PAGE);
    engine.submit(late);
    longer.await();
    assertThat(queued.await()).isFalse();
    assertThat(late.await()).isFalse();
    assertThat(at(PAGE)).isZero();
    assertThat(at(2 * PAGE)).isZero();
    engine.close();
  }

  @Test
  void anInterruptIsKeptForLater() {
    var gate = new CountDownLatch(1);
    try (var engine = new TransferEngine(memory, LINK, new SteppedClock(gate))) {
      Transfer transfer = pages(9, 0);
      engine.submit(transfer);
      Thread.currentThread().interrupt();
      Thread.ofPlatform().start(gate::countDown);
      assertThat(transfer.await()).isTrue();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(at(0)).isEqualTo(9);
    }
  }
}

package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.spi.PolicyCatalog;

class HeadPagesProperties {

  private static final int PAGES = 60;

  @Provide
  Arbitrary<String> policies() {
    return Arbitraries.of("arc", "lru", "adaptive", "fifo", "s3-fifo", "sieve");
  }

  /** What the device would hold: a page is where it was put until somebody else is put there. */
  private static final class Device {
    final Map<Integer, Integer> pageAt = new HashMap<>();

    void check(HeadPages pages, int page, int place) {
      if (pages.missed()) {
        pageAt.put(place, page);
      }
      assertThat(pageAt).containsEntry(place, page);
    }
  }

  @Property(tries = 60, seed = "21")
  void pinnedPagesStayWhereTheyAre(@ForAll @From("policies") String policy, @ForAll long seed) {
    var random = new Random(seed);
    var pages = new HeadPages(PolicyCatalog.named(policy), seed);
    pages.grow(8);
    pages.reach(PAGES);
    var device = new Device();
    List<Integer> active = new ArrayList<>();
    List<Integer> next = new ArrayList<>();
    Map<Integer, Integer> placeOf = new HashMap<>();
    for (int block = 0; block < 60; block++) {
      int most = pages.places() / 2;
      for (int page : chosen(random, most)) {
        int place = pages.take(page);
        device.check(pages, page, place);
        placeOf.put(page, place);
        next.add(page);
      }
      for (int page : active) {
        assertThat(device.pageAt).containsEntry(placeOf.get(page), page);
        pages.release(page);
      }
      active = next;
      next = new ArrayList<>();
      if (random.nextInt(10) == 0) {
        pages.grow(pages.places() + 2 + random.nextInt(5));
        for (int page : active) {
          int place = pages.take(page);
          assertThat(pages.missed()).isFalse();
          assertThat(place).isEqualTo(placeOf.get(page));
          pages.release(page);
        }
      }
    }
  }

  private static Set<Integer> chosen(Random random, int most) {
    Set<Integer> chosen = new HashSet<>();
    while (chosen.size() < most) {
      boolean near = random.nextBoolean();
      chosen.add(near ? random.nextInt(2 * most) : random.nextInt(PAGES));
    }
    return chosen;
  }

  @Example
  void samePagesAgainAreNotMoved() {
    var pages = new HeadPages(PolicyCatalog.named("arc"), 1);
    pages.grow(6);
    pages.reach(10);
    for (int round = 0; round < 5; round++) {
      for (int page = 3; page < 6; page++) {
        pages.take(page);
        assertThat(pages.missed()).isEqualTo(round == 0);
      }
      for (int page = 3; page < 6; page++) {
        pages.release(page);
      }
    }
  }

  @Example
  void droppedPageMustBeFilledAgain() {
    var pages = new HeadPages(PolicyCatalog.named("arc"), 1);
    pages.grow(2);
    pages.reach(10);
    pages.take(7);
    pages.drop(7);
    pages.release(7);
    pages.drop(9);
    pages.take(7);
    assertThat(pages.missed()).isTrue();
    pages.take(8);
    assertThat(pages.missed()).isTrue();
  }

  @Example
  void truncatedPagesLeaveRoom() {
    var pages = new HeadPages(PolicyCatalog.named("lru"), 1);
    pages.grow(4);
    pages.reach(10);
    for (int page = 0; page < 4; page++) {
      pages.take(page);
    }
    pages.truncate(2);
    for (int page = 5; page < 7; page++) {
      pages.take(page);
      assertThat(pages.missed()).isTrue();
    }
    pages.take(1);
    assertThat(pages.missed()).isFalse();
  }
}

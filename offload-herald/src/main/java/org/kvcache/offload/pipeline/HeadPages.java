package org.kvcache.offload.pipeline;

import java.util.Arrays;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

/**
 * Which pages of one layer and KV head are on the device, in places {@code [0, places)}. A cache
 * like any other: a policy of the class path decides who leaves when a chosen page needs a place,
 * and pages of a current choice are pinned. So a page that two choices share is moved once, and one
 * that comes back soon is not moved again.
 *
 * <p>Not thread-safe; {@link LayerPages} guards it.
 */
final class HeadPages {

  private static final int NONE = -1;

  private final PolicySpec spec;
  private final long seed;
  private int[] entryOf = {}; // by page
  private EvictionPolicy policy;
  private int[] pageOf; // by entry
  private int[] placeOf; // by entry; NONE for a ghost
  private int[] pins; // by entry
  private int[] freeEntries;
  private int freeEntryCount;
  private int[] freePlaces;
  private int freePlaceCount;
  private int places;
  private boolean missed;

  HeadPages(PolicySpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
    policy = start(1);
    pageOf = new int[0];
    placeOf = new int[0];
    pins = new int[0];
    freeEntries = new int[0];
    freePlaces = new int[0];
  }

  /** How many pages fit. */
  int places() {
    return places;
  }

  /** More places; who is there keeps its own, what the policy had learnt is lost. */
  void grow(int morePlaces) {
    int[] oldPages = pageOf;
    int[] oldPlaces = placeOf;
    int[] oldPins = pins;
    int entries = spec.maxEntries(morePlaces);
    pageOf = new int[entries];
    placeOf = new int[entries];
    Arrays.fill(placeOf, NONE);
    pins = new int[entries];
    freeEntries = new int[entries];
    Arrays.setAll(freeEntries, i -> entries - 1 - i);
    freeEntryCount = entries;
    boolean[] taken = new boolean[morePlaces];
    policy = start(morePlaces);
    Arrays.fill(entryOf, NONE);
    for (int old = 0; old < oldPlaces.length; old++) {
      if (oldPlaces[old] != NONE) {
        int entry = name(oldPages[old]);
        policy.miss(entry);
        placeOf[entry] = oldPlaces[old];
        taken[oldPlaces[old]] = true;
        pins[entry] = oldPins[old];
        policy.insert(entry);
        if (pins[entry] == 0) {
          policy.release(entry, true);
        }
      }
    }
    freePlaces = new int[morePlaces];
    freePlaceCount = 0;
    for (int place = morePlaces - 1; place >= 0; place--) {
      if (!taken[place]) {
        freePlaces[freePlaceCount++] = place;
      }
    }
    places = morePlaces;
  }

  private EvictionPolicy start(int capacity) {
    return spec.factory().apply(new Context(capacity));
  }

  /** Pages up to {@code pages} will be asked for. */
  void reach(int pages) {
    if (entryOf.length < pages) {
      int from = entryOf.length;
      entryOf = Arrays.copyOf(entryOf, Math.max(pages, from + (from >> 1)));
      Arrays.fill(entryOf, from, entryOf.length, NONE);
    }
  }

  /**
   * Pins a page; there must be fewer pinned pages than places, or it must be there.
   *
   * @return its place; {@link #missed} tells whether it must be filled
   */
  int take(int page) {
    int entry = entryOf[page];
    if (entry != NONE && placeOf[entry] != NONE) {
      pins[entry]++;
      policy.hit(entry);
      missed = false;
      return placeOf[entry];
    }
    if (entry == NONE) {
      entry = name(page);
    }
    policy.miss(entry);
    if (freePlaceCount == 0) {
      evictOne();
    }
    placeOf[entry] = freePlaces[--freePlaceCount];
    pins[entry] = 1;
    policy.insert(entry);
    missed = true;
    return placeOf[entry];
  }

  /** Whether the page last taken was not there. */
  boolean missed() {
    return missed;
  }

  private int name(int page) {
    if (freeEntryCount == 0) {
      throw new IllegalStateException(
          "policy '" + spec.name() + "' keeps more ghosts than its PolicySpec says");
    }
    int entry = freeEntries[--freeEntryCount];
    pageOf[entry] = page;
    entryOf[page] = entry;
    return entry;
  }

  private void evictOne() {
    int victim = policy.victim();
    if (victim < 0 || placeOf[victim] == NONE || pins[victim] != 0) {
      throw new IllegalStateException(
          "policy '%s' names entry %d, which is not there to be evicted"
              .formatted(spec.name(), victim));
    }
    vacate(victim);
    if (!policy.evict(victim)) {
      forget(victim);
    }
  }

  private void vacate(int entry) {
    freePlaces[freePlaceCount++] = placeOf[entry];
    placeOf[entry] = NONE;
  }

  private void forget(int entry) {
    entryOf[pageOf[entry]] = NONE;
    freeEntries[freeEntryCount++] = entry;
  }

  /** Takes one pin from a page that is there; nothing if it was dropped. */
  void release(int page) {
    int entry = entryOf[page];
    if (entry != NONE && placeOf[entry] != NONE && --pins[entry] == 0) {
      policy.release(entry, true);
    }
  }

  /** The page, pinned or not, is not there after all, or will never be asked for again. */
  void drop(int page) {
    int entry = page < entryOf.length ? entryOf[page] : NONE;
    if (entry != NONE) {
      if (placeOf[entry] != NONE) {
        if (pins[entry] > 0) {
          pins[entry] = 0;
          policy.release(entry, true);
        }
        vacate(entry);
      }
      policy.remove(entry);
      forget(entry);
    }
  }

  /** Drops all pages from {@code page} on. */
  void truncate(int page) {
    for (int i = page; i < entryOf.length; i++) {
      drop(i);
    }
  }

  private final class Context implements PolicyContext {
    private final int capacity;

    Context(int capacity) {
      this.capacity = capacity;
    }

    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int maxEntries() {
      return spec.maxEntries(capacity);
    }

    @Override
    public long keyHash(int entry) {
      long h = (pageOf[entry] ^ seed) * 0xBF58476D1CE4E5B9L;
      return (h ^ (h >>> 31)) * 0x94D049BB133111EBL;
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void forget(int ghost) {
      HeadPages.this.forget(ghost);
    }
  }
}

package org.kvcache.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.kvcache.spi.PolicyContext;

/** Slow twin of LIRS, section 3 of the paper; the top of S is the end of the list. */
final class ReferenceLirs extends Twin {
  private final List<Integer> s = new ArrayList<>();
  private final List<Integer> q = new ArrayList<>();
  private final Set<Integer> lir = new HashSet<>();
  private final List<Integer> nonResident = new ArrayList<>();
  private final int lLirs;

  ReferenceLirs(PolicyContext context) {
    super(context);
    lLirs = c - Math.max(1, c / 20);
  }

  @Override
  public void miss(int entry) {
    nonResident.remove((Integer) entry);
  }

  @Override
  void added(int entry) {
    boolean wasInS = s.contains(entry);
    toEnd(s, entry);
    if (wasInS) {
      becomeLir(entry);
    } else if (lir.size() < lLirs) {
      lir.add(entry);
    } else {
      q.add(entry);
    }
  }

  @Override
  void used(int entry) {
    boolean wasInS = s.contains(entry);
    toEnd(s, entry);
    if (q.contains(entry)) {
      if (wasInS) {
        q.remove((Integer) entry);
        becomeLir(entry);
      } else {
        toEnd(q, entry);
      }
    }
    prune();
  }

  @Override
  void released(int entry) {
    toEnd(s, entry);
    if (q.contains(entry)) {
      toEnd(q, entry);
    }
    prune();
  }

  private void becomeLir(int entry) {
    lir.add(entry);
    if (lir.size() > lLirs) {
      int bottom = s.stream().filter(lir::contains).findFirst().orElseThrow();
      s.remove((Integer) bottom);
      lir.remove(bottom);
      q.add(bottom);
    }
    prune();
  }

  private void prune() {
    while (!s.isEmpty() && !lir.contains(s.getFirst())) {
      Integer hir = s.removeFirst();
      if (nonResident.remove(hir)) {
        context.forget(hir);
      }
    }
  }

  @Override
  public int victim() {
    int front = first(q);
    return front != NONE ? front : first(s.stream().filter(lir::contains).toList());
  }

  @Override
  public boolean evict(int entry) {
    boolean ghost = s.contains(entry) && !lir.contains(entry);
    if (!ghost) {
      remove(entry);
      return false;
    }
    q.remove((Integer) entry);
    nonResident.add(entry);
    if (nonResident.size() > 2 * c) {
      int oldest = nonResident.getFirst();
      remove(oldest);
      context.forget(oldest);
    }
    return true;
  }

  @Override
  public void remove(int entry) {
    List.of(s, q, nonResident).forEach(list -> list.remove((Integer) entry));
    lir.remove(entry);
    prune();
  }
}

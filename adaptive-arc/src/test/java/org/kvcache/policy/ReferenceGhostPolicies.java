package org.kvcache.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kvcache.spi.PolicyContext;

/** Slow twins of the policies that remember ghosts. */
final class ReferenceGhostPolicies {

  private ReferenceGhostPolicies() {}

  /** Figure 4 of the paper; REPLACE is split into the choice and the move. */
  static final class Arc extends Twin {
    private final List<Integer> t1 = new ArrayList<>();
    private final List<Integer> t2 = new ArrayList<>();
    private final List<Integer> b1 = new ArrayList<>();
    private final List<Integer> b2 = new ArrayList<>();
    private double p;
    private boolean toT2;
    private boolean wasInB2;
    private boolean deletesT1Oldest;

    Arc(PolicyContext context) {
      super(context);
    }

    @Override
    public void miss(int entry) {
      toT2 = b1.contains(entry) || b2.contains(entry);
      wasInB2 = b2.contains(entry);
      deletesT1Oldest = false;
      if (b1.contains(entry)) {
        double delta = b1.size() >= b2.size() ? 1 : (double) b2.size() / b1.size();
        p = Math.min(p + delta, c);
        b1.remove((Integer) entry);
      } else if (wasInB2) {
        double delta = b2.size() >= b1.size() ? 1 : (double) b1.size() / b2.size();
        p = Math.max(p - delta, 0);
        b2.remove((Integer) entry);
      } else if (t1.size() + b1.size() == c) {
        if (t1.size() < c) {
          context.forget(b1.removeFirst());
        } else {
          deletesT1Oldest = true;
        }
      } else if (t1.size() + t2.size() + b1.size() + b2.size() == 2 * c && !b2.isEmpty()) {
        context.forget(b2.removeFirst());
      }
    }

    @Override
    void added(int entry) {
      (toT2 ? t2 : t1).add(entry);
      toT2 = false;
      wasInB2 = false;
      deletesT1Oldest = false;
    }

    @Override
    void used(int entry) {
      if (t1.remove((Integer) entry)) {
        t2.add(entry);
      }
    }

    @Override
    void released(int entry) {
      toEnd(t1.contains(entry) ? t1 : t2, entry);
    }

    @Override
    public int victim() {
      boolean fromT1 = !t1.isEmpty() && (t1.size() > p || (wasInB2 && t1.size() == p));
      int choice = first(fromT1 || deletesT1Oldest ? t1 : t2);
      return choice != NONE ? choice : first(fromT1 || deletesT1Oldest ? t2 : t1);
    }

    @Override
    public boolean evict(int entry) {
      if (t1.remove((Integer) entry)) {
        if (deletesT1Oldest) {
          deletesT1Oldest = false;
          return false;
        }
        b1.add(entry);
      } else {
        t2.remove((Integer) entry);
        b2.add(entry);
      }
      return true;
    }

    @Override
    public void remove(int entry) {
      List.of(t1, t2, b1, b2).forEach(list -> list.remove((Integer) entry));
    }
  }

  /** "2Q, full version". */
  static final class TwoQueue extends Twin {
    private final List<Integer> a1in = new ArrayList<>();
    private final List<Integer> a1out = new ArrayList<>();
    private final List<Integer> am = new ArrayList<>();
    private boolean toAm;

    TwoQueue(PolicyContext context) {
      super(context);
    }

    @Override
    public void miss(int entry) {
      toAm = a1out.remove((Integer) entry);
    }

    @Override
    void added(int entry) {
      (toAm ? am : a1in).add(entry);
      toAm = false;
    }

    @Override
    void released(int entry) {
      if (am.contains(entry)) {
        toEnd(am, entry);
      }
    }

    @Override
    public int victim() {
      boolean fromA1in = a1in.size() > c / 4;
      int choice = first(fromA1in ? a1in : am);
      return choice != NONE ? choice : first(fromA1in ? am : a1in);
    }

    @Override
    public boolean evict(int entry) {
      if (am.remove((Integer) entry) || c / 2 == 0) {
        a1in.remove((Integer) entry);
        return false;
      }
      a1in.remove((Integer) entry);
      a1out.add(entry);
      if (a1out.size() > c / 2) {
        context.forget(a1out.removeFirst());
      }
      return true;
    }

    @Override
    public void remove(int entry) {
      List.of(a1in, a1out, am).forEach(list -> list.remove((Integer) entry));
    }
  }

  /** Algorithm 1 of the paper. */
  static final class S3Fifo extends Twin {
    private final List<Integer> small = new ArrayList<>();
    private final List<Integer> main = new ArrayList<>();
    private final List<Integer> ghost = new ArrayList<>();
    private final Map<Integer, Integer> freq = new HashMap<>();
    private boolean toMain;

    S3Fifo(PolicyContext context) {
      super(context);
    }

    @Override
    public void miss(int entry) {
      toMain = ghost.remove((Integer) entry);
    }

    @Override
    void added(int entry) {
      freq.put(entry, 0);
      (toMain ? main : small).add(entry);
      toMain = false;
    }

    @Override
    void used(int entry) {
      freq.merge(entry, 1, (a, b) -> Math.min(a + b, 3));
    }

    @Override
    public int victim() {
      if (main.size() > c - c / 10 || small.isEmpty()) {
        int choice = evictM();
        return choice != NONE ? choice : evictS() != NONE ? evictS() : evictM();
      }
      int choice = evictS();
      return choice != NONE ? choice : evictM();
    }

    private int evictS() {
      int tail = first(small);
      while (tail != NONE && freq.get(tail) > 1) {
        small.remove((Integer) tail);
        main.add(tail);
        freq.put(tail, 0);
        tail = first(small);
      }
      return tail;
    }

    private int evictM() {
      int tail = first(main);
      while (tail != NONE && freq.get(tail) > 0) {
        toEnd(main, tail);
        freq.merge(tail, -1, Integer::sum);
        tail = first(main);
      }
      return tail;
    }

    @Override
    public boolean evict(int entry) {
      int maxGhosts = c * 9 / 10;
      if (main.remove((Integer) entry) || maxGhosts == 0) {
        small.remove((Integer) entry);
        return false;
      }
      small.remove((Integer) entry);
      ghost.add(entry);
      if (ghost.size() > maxGhosts) {
        context.forget(ghost.removeFirst());
      }
      return true;
    }

    @Override
    public void remove(int entry) {
      List.of(small, main, ghost).forEach(list -> list.remove((Integer) entry));
    }
  }
}

package org.kvcache.manager;

import java.lang.ref.Cleaner;
import java.util.Objects;
import java.util.Queue;
import org.kvcache.BlockKeys;
import org.kvcache.BlockTable;

/** The handle an engine holds; what it stands for is in its {@link Sequence}. */
final class Table implements BlockTable {

  private static final Cleaner CLEANER = Cleaner.create();

  final LockedBlockManager manager;
  final Sequence sequence = new Sequence();
  private final Cleaner.Cleanable cleanable;

  Table(LockedBlockManager manager, Queue<Sequence> leaked) {
    this.manager = manager;
    cleanable = CLEANER.register(this, reclaim(sequence, leaked));
  }

  // Static, so that the cleaner does not hold the table.
  private static Runnable reclaim(Sequence sequence, Queue<Sequence> leaked) {
    return () -> {
      if (!sequence.closed) {
        leaked.add(sequence);
      }
    };
  }

  private int checked(int index) {
    return Objects.checkIndex(index, sequence.size);
  }

  @Override
  public int size() {
    return sequence.size;
  }

  @Override
  public int matched() {
    return sequence.matched;
  }

  @Override
  public int committed() {
    return sequence.committed;
  }

  @Override
  public int slot(int index) {
    return sequence.slot(checked(index));
  }

  @Override
  public boolean isCommitted(int index) {
    return manager.isPublished(this, checked(index));
  }

  @Override
  public int copySource(int index) {
    return sequence.copySource(checked(index));
  }

  @Override
  public int evictions() {
    return sequence.evictions;
  }

  @Override
  public int demotions() {
    return sequence.demotedKeys.size();
  }

  @Override
  public int demotedSlot(int index) {
    return sequence.demotedSlot(Objects.checkIndex(index, demotions()));
  }

  @Override
  public BlockKeys demotedKeys() {
    return sequence.demotedKeys;
  }

  @Override
  public void close() {
    manager.close(this);
    cleanable.clean();
  }
}

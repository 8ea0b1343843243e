package org.kvcache.manager;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;
import org.kvcache.RetentionPriority;
import org.kvcache.manager.ReferencePool.Block;
import org.kvcache.manager.ReferencePool.Cell;
import org.kvcache.manager.ReferencePool.Eviction;

/** The table of a {@link ReferenceBlockManager}. */
final class ReferenceLease {

  static final class Row {
    final Cell cell;
    @Nullable Block block;
    @Nullable Cell copyOf;
    int priority = RetentionPriority.DEFAULT;
    long until;

    Row(Cell cell, @Nullable Block block) {
      this.cell = cell;
      this.block = block;
    }

    boolean isPublished() {
      return block != null && block.published;
    }
  }

  final List<Row> rows = new ArrayList<>();
  List<BlockKey> expected = List.of();
  final List<Eviction> demotions = new ArrayList<>();
  int evictions;
  int matched;
  int committed;

  void forgetEvictions() {
    evictions = 0;
    demotions.clear();
  }
}

package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.DenseEstimate;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.HeraldEstimate;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.Workload;

/** The dense way and the others, of one model on one machine. */
final class PipelineStudy {
  /** More sequences than that are no server's batch. */
  static final int MOST_BATCH = 256;

  private final String modelName;
  private final Hardware device;
  private final PipelineModel model;
  private final RetrievalPlan plan;
  private final @Nullable Integer asked;

  /**
   * A study.
   *
   * @param plan how the plain way retrieves
   * @param asked the batch of all ways; if null, the largest for the dense one and the best for
   *     others
   */
  PipelineStudy(ModelShape shape, Hardware device, RetrievalPlan plan, @Nullable Integer asked) {
    this.modelName = shape.name();
    this.device = device;
    this.model = new PipelineModel(shape, device);
    this.plan = plan;
    this.asked = asked;
  }

  /** The dense way first. */
  List<PipelineRow> rows(Workload work) {
    var rows = new ArrayList<PipelineRow>();
    PipelineRow dense = dense(work);
    rows.add(dense);
    for (Way way : Way.of(plan)) {
      rows.add(herald(work, way, dense));
    }
    return rows;
  }

  private PipelineRow dense(Workload work) {
    PipelineRow.Place place = place(work, Way.DENSE);
    int room = model.denseRoom(work);
    int batch = asked == null ? room : asked;
    if (room < 1 || batch > room) {
      return PipelineRow.none(place, null, reason(room, model.cacheBytes(work), "its cache"));
    }
    DenseEstimate dense = model.dense(work, batch);
    return PipelineRow.dense(place, batch, dense.blockSeconds(), dense.tokensPerSecond());
  }

  private PipelineRow herald(Workload work, Way way, PipelineRow dense) {
    PipelineRow.Place place = place(work, way.name());
    int room = model.heraldRoom(work, way.plan());
    if (room < 1 || (asked != null && asked > room)) {
      String reason =
          model.hostBytes() < model.cacheBytes(work)
              ? "one cache takes %s, the host has %s for caches"
                  .formatted(gigabytes(model.cacheBytes(work)), gigabytes(model.hostBytes()))
              : reason(room, model.setBytes(work, way.plan()), "two sets and three blocks");
      return PipelineRow.none(place, way.plan(), reason);
    }
    HeraldEstimate best =
        asked == null
            ? model.bestHerald(work, way.plan(), Math.min(MOST_BATCH, room))
            : model.herald(work, way.plan(), asked);
    Integer denseBatch = dense.batch();
    HeraldEstimate sameBatch =
        denseBatch == null || denseBatch > room ? null : model.herald(work, way.plan(), denseBatch);
    return PipelineRow.herald(place, way.plan(), best, dense, sameBatch);
  }

  private PipelineRow.Place place(Workload work, String way) {
    return new PipelineRow.Place(modelName, device.name(), work.contextTokens(), way);
  }

  private String reason(int room, double needed, String what) {
    if (model.freeBytes() <= 0) {
      return "the weights leave nothing of %s of GPU memory"
          .formatted(gigabytes(device.gpu().memory()));
    }
    return room < 1
        ? "one sequence needs %s for %s, %s are free beside the weights"
            .formatted(gigabytes(needed), what, gigabytes(model.freeBytes()))
        : "a batch of %d does not fit, %d is the most".formatted(asked, room);
  }

  private static String gigabytes(double bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}

package org.kvcache.offload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real Redis Cluster without replicas; each node owns an equal part of the slots. */
final class RedisCluster implements AutoCloseable {

  private static final int SLOTS = 16_384;

  final List<RedisProcess> nodes = new ArrayList<>();

  static RedisCluster in(Path folder, int count) {
    var cluster = new RedisCluster();
    try {
      for (int i = 0; i < count; i++) {
        Path nodeFolder = Files.createDirectory(folder.resolve("node" + i));
        cluster.nodes.add(RedisProcess.clusterNodeIn(nodeFolder));
      }
      cluster.join();
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void join() {
    int count = nodes.size();
    for (int i = 0; i < count; i++) {
      var addSlots = new ArrayList<Object>(List.of("CLUSTER", "ADDSLOTS"));
      for (int slot = i * SLOTS / count; slot < (i + 1) * SLOTS / count; slot++) {
        addSlots.add(slot);
      }
      nodes.get(i).ask(addSlots.toArray());
      nodes.getFirst().ask("CLUSTER", "MEET", "127.0.0.1", nodes.get(i).port());
    }
    nodes.forEach(node ->
        Attempts.until(() ->
            node.ask("CLUSTER", "INFO").contains("cluster_state:ok")
                && node.ask("CLUSTER", "INFO").contains("cluster_known_nodes:" + count)));
  }

  /** Moves the slot of {@code key}, without its values, to a node that does not own it. */
  RedisProcess giveSlotAway(String key) {
    RedisProcess heir =
        nodes.stream()
            .filter(node -> node.ask("EXISTS", key).startsWith("-MOVED"))
            .findFirst()
            .orElseThrow();
    String slot = heir.ask("CLUSTER", "KEYSLOT", key).substring(1);
    String id = heir.ask("CLUSTER", "MYID");
    heir.ask("CLUSTER", "SETSLOT", slot, "NODE", id);
    nodes.forEach(node -> node.ask("CLUSTER", "SETSLOT", slot, "NODE", id));
    return heir;
  }

  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }
}

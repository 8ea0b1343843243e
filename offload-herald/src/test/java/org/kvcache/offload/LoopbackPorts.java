package org.kvcache.offload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of the loopback address that nobody listens at. */
final class LoopbackPorts {

  private static final int CLUSTER_BUS_OFFSET = 10_000;
  private static final int PORTS = 1 << 16;

  private LoopbackPorts() {}

  static int free() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One whose cluster bus, {@value #CLUSTER_BUS_OFFSET} above, is free too. */
  static int freeWithClusterBus() {
    int port;
    do {
      port = free();
    } while (!isFree(port + CLUSTER_BUS_OFFSET));
    return port;
  }

  private static boolean isFree(int port) {
    if (port >= PORTS) {
      return false;
    }
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}

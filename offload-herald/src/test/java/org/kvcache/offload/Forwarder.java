package org.kvcache.offload;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A stretch of network before a server, whose connections can go dead without a word. */
final class Forwarder implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket entrance;
  private final int target;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  Forwarder(int target) {
    this.target = target;
    try {
      entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return entrance.getLocalPort();
  }

  /** From now on, connections that exist swallow what is sent; new ones work. */
  void killConnections() {
    links.forEach(link -> link.dead = true);
  }

  private void accept() {
    try {
      while (true) {
        var link = new Link(entrance.accept(), new Socket(entrance.getInetAddress(), target));
        links.add(link);
        Thread.startVirtualThread(() -> link.copy(link.client, link.server));
        Thread.startVirtualThread(() -> link.copy(link.server, link.client));
      }
    } catch (IOException e) {
      links.forEach(Link::close);
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    links.forEach(Link::close);
  }

  private static final class Link {

    final Socket client;
    final Socket server;
    volatile boolean dead;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void copy(Socket from, Socket to) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try (InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          if (!dead) {
            out.write(buffer, 0, count);
          }
        }
      } catch (IOException e) {
        close();
      }
    }

    void close() {
      try (client;
          server) {
        dead = true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

package org.kvcache.offload;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/** A real Redis server on a free loopback port, empty at each start. */
final class RedisProcess implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final int START_ATTEMPTS = 500;

  private final Path folder;
  private final int port;
  private final List<String> command;
  private Process process;

  private RedisProcess(Path folder, int port, String... options) {
    this.folder = folder;
    this.port = port;
    try {
      var program = ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
      command =
          new ArrayList<>(
              List.of(
                  program.toString(),
                  "--port",
                  "" + port,
                  "--bind",
                  HOST,
                  "--save",
                  "",
                  "--appendonly",
                  "no",
                  "--dir",
                  folder.toString(),
                  "--loglevel",
                  "warning"));
      command.addAll(List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  static RedisProcess in(Path folder) {
    return new RedisProcess(folder, LoopbackPorts.free());
  }

  static RedisProcess clusterNodeIn(Path folder) {
    return new RedisProcess(folder, LoopbackPorts.freeWithClusterBus(), "--cluster-enabled", "yes");
  }

  int port() {
    return port;
  }

  String uri() {
    return "redis://" + HOST + ":" + port;
  }

  void start() {
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("redis.log").toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Attempts.until(this::answers);
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new IllegalStateException("redis-server ended: " + log());
    }
    try {
      return ask("PING").equals("+PONG");
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("redis.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Connections stay, and nothing is answered any more. */
  void stall() {
    signal("STOP");
  }

  void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int code = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " gave " + code);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One request over a connection of its own; arguments are byte arrays or text. */
  String ask(Object... arguments) {
    try (var socket = new Socket(HOST, port)) {
      var request = new ByteArrayOutputStream();
      request.writeBytes(("*" + arguments.length + "\r\n").getBytes(UTF_8));
      for (Object argument : arguments) {
        byte[] bytes = argument instanceof byte[] raw ? raw : argument.toString().getBytes(UTF_8);
        request.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
        request.writeBytes(bytes);
        request.writeBytes("\r\n".getBytes(UTF_8));
      }
      socket.getOutputStream().write(request.toByteArray());
      return reply(new BufferedInputStream(socket.getInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String reply(InputStream in) throws IOException {
    String line = line(in);
    if (line.startsWith("$") && !line.equals("$-1")) {
      String text = new String(in.readNBytes(Integer.parseInt(line.substring(1))), UTF_8);
      in.readNBytes(2);
      return text;
    }
    if (line.startsWith("*")) {
      var elements = new ArrayList<String>();
      for (int i = Integer.parseInt(line.substring(1)); i > 0; i--) {
        elements.add(reply(in));
      }
      return String.join(" ", elements);
    }
    return line;
  }

  private static String line(InputStream in) throws IOException {
    var text = new StringBuilder();
    for (int next = in.read(); next != '\r'; next = in.read()) {
      if (next < 0) {
        throw new IOException("connection closed after '" + text + "'");
      }
      text.append((char) next);
    }
    in.read();
    return text.toString();
  }

  @Override
  public void close() {
    kill();
  }
}

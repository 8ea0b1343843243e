package org.kvcache.bench.diffusion;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.diffusion.BlockKv.LookAhead;
import org.kvcache.bench.diffusion.BlockKv.OpenBlock;

/**
 * Generates text block by block. A block is denoised in a number of steps, each of which reveals
 * some of its tokens, and then passes once more, so that K and V of its final tokens are kept.
 * After the first step a draft of the block exists, and the next block is prepared with it on a
 * thread of this object's own. Belongs to one thread.
 */
public final class Denoiser implements AutoCloseable {

  private final DiffusionConfig config;
  private final Unmasking unmasking;
  private final BlockPass pass;
  private final BlockPass passAhead;
  private final int[] tokens;
  private final int[] tokensAhead;
  private final ExecutorService ahead =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("kvcache-look-ahead").factory());

  /** For a model. */
  public Denoiser(DiffusionModel model) {
    config = model.config;
    unmasking = new Unmasking(config);
    pass = new BlockPass(model, config.block());
    passAhead = new BlockPass(model, 2 * config.block());
    tokens = new int[config.block()];
    tokensAhead = new int[2 * config.block()];
  }

  /**
   * Computes what is not committed yet of a prompt.
   *
   * @param prompt whole blocks
   */
  public void prefill(BlockKv kv, int[] prompt) {
    if (prompt.length % config.block() != 0) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens; the model takes whole blocks of %d, so pad it"
              .formatted(prompt.length, config.block()));
    }
    if (kv.length() % config.block() != 0) {
      throw new IllegalArgumentException(
          "%d tokens are cached, which is no multiple of %d; let blocks of the cache be one"
              .formatted(kv.length(), config.block()));
    }
    while (kv.length() < prompt.length) {
      int start = kv.length();
      System.arraycopy(prompt, start, tokens, 0, config.block());
      try (OpenBlock block = kv.beginPrompt(config.block())) {
        pass.store(tokens, start, block);
        block.commit(tokens);
      }
    }
  }

  /** The tokens of the next {@code blocks} blocks, which are committed. */
  public int[] generate(BlockKv kv, int blocks) {
    int[] generated = new int[blocks * config.block()];
    for (int i = 0; i < blocks; i++) {
      denoise(kv, i + 1 < blocks);
      System.arraycopy(tokens, 0, generated, i * config.block(), config.block());
    }
    return generated;
  }

  private void denoise(BlockKv kv, boolean anotherFollows) {
    Arrays.fill(tokens, config.mask());
    int start = kv.length();
    @Nullable Future<?> preparation = null;
    try (OpenBlock block = kv.begin(config.block())) {
      for (int step = 0; step < config.steps(); step++) {
        pass.forward(tokens, start, block);
        unmasking.reveal(pass.logits(), unmasking.countIn(step), tokens);
        if (step == 0 && anotherFollows) {
          preparation = prepareNext(block, start);
        }
      }
      pass.store(tokens, start, block);
      await(preparation);
      block.commit(tokens);
    } finally {
      await(preparation); // a block that was dropped ends it early
    }
  }

  private @Nullable Future<?> prepareNext(OpenBlock block, int start) {
    @Nullable LookAhead attention = block.lookAhead();
    if (attention == null) {
      return null;
    }
    unmasking.draft(tokens, tokensAhead);
    Arrays.fill(tokensAhead, config.block(), tokensAhead.length, config.mask());
    return ahead.submit(() -> {
      try (attention) {
        passAhead.forward(tokensAhead, start, attention);
      }
    });
  }

  private static void await(@Nullable Future<?> preparation) {
    if (preparation == null) {
      return;
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          preparation.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the next block could not be prepared", e.getCause());
    } catch (CancellationException e) {
      throw new IllegalStateException("closed while the next block was prepared", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the thread. */
  @Override
  public void close() {
    ahead.close();
  }
}

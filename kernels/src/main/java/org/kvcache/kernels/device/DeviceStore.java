package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import org.kvcache.KvShape;

/**
 * Encodes K and V rows on the device into the slots of a {@link DeviceKv}: calibration, rotation
 * and code in one launch for all tokens and KV heads of a layer. Belongs to one thread; a call
 * allocates nothing.
 */
public final class DeviceStore {

  private static final int TOKENS_PER_BLOCK = 4;

  private final DeviceKv kv;
  private final Device device;
  private final DeviceKernel kernel;
  private final MemorySegment arguments = Abi.newArguments(Abi.Store.LAYOUT);

  /** For the slots of {@code kv}, which must stay open. */
  public DeviceStore(DeviceKv kv) {
    this.kv = kv;
    device = kv.device();
    kernel = device.kernel(kv.scheme().kernel("store"));
    Abi.set(arguments, Abi.Store.KV_HEADS, kv.shape().kvHeads());
    Abi.set(arguments, Abi.Store.RULE, kv.scheme().rule());
    Abi.set(arguments, Abi.Store.ROTATE, kv.scheme().rotate() ? 1 : 0);
  }

  /**
   * Stores rows without gaps between tokens.
   *
   * @param keys {@code [tokens][kvHeads][headDim]} of F32, F16 or BF16
   * @param values the same
   * @param places I64: for each token {@code slot · blockTokens + row}; it is not stored where this
   *     is below 0
   */
  public void store(
      int layer,
      DeviceArray keys,
      DeviceArray values,
      DeviceArray places,
      int tokens,
      DeviceStream stream) {
    store(layer, keys, values, kv.shape().kvDim(), places, tokens, stream);
  }

  /**
   * Stores rows.
   *
   * @param tokenStride elements from a token to the next, a multiple of 16
   * @throws IllegalArgumentException if an array is too short for the shape, of another device or
   *     of the wrong elements
   * @throws IllegalStateException if memory was given back
   */
  public void store(
      int layer,
      DeviceArray keys,
      DeviceArray values,
      long tokenStride,
      DeviceArray places,
      int tokens,
      DeviceStream stream) {
    KvShape shape = kv.shape();
    if (tokens < 1) {
      throw new IllegalArgumentException(tokens + " tokens to store; at least 1 is needed");
    }
    if (tokenStride < shape.kvDim() || tokenStride % 16 != 0) {
      throw new IllegalArgumentException(
          "%d elements from a token to the next; give a multiple of 16 from %d on"
              .formatted(tokenStride, shape.kvDim()));
    }
    if (keys.element() != values.element()) {
      throw new IllegalArgumentException(
          "keys are %s, values %s; give both alike".formatted(keys.element(), values.element()));
    }
    long elements = (tokens - 1) * tokenStride + shape.kvDim();
    Abi.set(arguments, Abi.Store.KEYS, keys.rows(device, "keys", elements));
    Abi.set(arguments, Abi.Store.VALUES, values.rows(device, "values", elements));
    Abi.set(arguments, Abi.Store.PLACES, places.address(device, "places", Element.I64, tokens));
    kv.writeTo(arguments, layer);
    Abi.set(arguments, Abi.Store.KEY_MEAN, kv.basis().keyMean(layer));
    Abi.set(arguments, Abi.Store.KEY_DIVIDE, kv.basis().keyDivide(layer));
    Abi.set(arguments, Abi.Store.VALUE_UNIT, kv.basis().valueUnit(layer));
    Abi.set(arguments, Abi.Store.TOKEN_STRIDE, tokenStride);
    Abi.set(arguments, Abi.Store.TOKENS, tokens);
    Abi.set(arguments, Abi.Store.ROWS, keys.element().code());
    device.launch(
        kernel, Math.ceilDiv(tokens, TOKENS_PER_BLOCK), shape.kvHeads(), 1, arguments, stream);
  }
}

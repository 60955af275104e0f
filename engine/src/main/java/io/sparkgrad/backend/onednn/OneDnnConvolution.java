package io.sparkgrad.backend.onednn;

import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.PointerScope;

/**
 * The three products of a convolution in float32. Takes a block of images at a time, which fits
 * into a core's cache with what it gives: the copies to native memory cost little, and its memory
 * does not grow with the batch. The blocks, and so the bits, follow from the shapes alone.
 * Thread-safe; a call uses its thread alone.
 */
public final class OneDnnConvolution {
  private static final int BLOCK = 1 << 18; // numbers of x and y, 1 MiB

  /** What lies in an array, rows first, from an index on. */
  public record Floats(float[] array, int at) {}

  private final ConvolutionShape shape;
  private final int images;
  private final int block;

  public OneDnnConvolution(ConvolutionShape shape, int images) {
    this.shape = shape;
    this.images = images;
    long numbers = (long) shape.xNumbers() + shape.yNumbers();
    this.block = (int) Math.max(1, Math.min(images, BLOCK / numbers));
  }

  /**
   * Whether oneDNN has this convolution, and is the faster way: not where the weights are most of
   * what it is given, nor for an only channel.
   */
  public static boolean takes(ConvolutionShape shape, int images) {
    int pixels = shape.height().out() * shape.width().out();
    return pixels >= 16
        && (long) images * pixels >= 64
        && shape.channels() > 1
        && shape.height().isUsual()
        && shape.width().isUsual();
  }

  /** x and w give y. */
  public void outputs(Floats x, Floats w, Floats y) {
    byImages(Product.Kind.OUTPUTS, x, shape.xNumbers(), w, y, shape.yNumbers());
  }

  /** The gradient of y, and w, give that of x. */
  public void inputs(Floats y, Floats w, Floats x) {
    byImages(Product.Kind.INPUTS, y, shape.yNumbers(), w, x, shape.xNumbers());
  }

  /** The gradient of y, and x, give that of w. */
  public void weights(Floats y, Floats x, Floats w) {
    float[] more = images > block ? new float[shape.weights()] : null;
    for (int i = 0; i < images; i += block) {
      Product product = Product.of(Product.Kind.WEIGHTS, shape, Math.min(block, images - i));
      try (PointerScope scope = new PointerScope()) {
        memory given = product.first(y.array, y.at + i * shape.yNumbers());
        memory seen = product.second(x.array, x.at + i * shape.xNumbers());
        if (i == 0) product.run(given, seen, w.array, w.at);
        else product.run(given, seen, more, 0);
      }
      if (i > 0) for (int k = 0; k < more.length; k++) w.array[w.at + k] += more[k];
    }
  }

  private void byImages(
      Product.Kind kind, Floats from, int fromNumbers, Floats w, Floats to, int toNumbers) {
    for (int start = 0, end; start < images; start = end) {
      int count = Math.min(block, images - start);
      end = images - (images - start) % count; // of blocks alike
      Product product = Product.of(kind, shape, count);
      try (PointerScope all = new PointerScope()) {
        memory weights = product.second(w.array, w.at);
        for (int i = start; i < end; i += count)
          try (PointerScope one = new PointerScope()) {
            memory given = product.first(from.array, from.at + i * fromNumbers);
            product.run(given, weights, to.array, to.at + i * toNumbers);
          }
      }
    }
  }
}

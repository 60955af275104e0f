package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.onednn.ConvolutionShape;
import io.sparkgrad.backend.onednn.ConvolutionShape.Axis;
import io.sparkgrad.backend.onednn.OneDnn;
import io.sparkgrad.backend.onednn.OneDnnConvolution;
import io.sparkgrad.backend.onednn.OneDnnConvolution.Floats;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.linalg.Gemm;

/**
 * The three products of a convolution of x [n, channels, height, width] with w [outputs,
 * channels/groups, kernel height, kernel width] to y [n, outputs, out height, out width]. Linear in
 * both factors, and each the derivative of the others. In float32 on the CPU by oneDNN where it is
 * used, else each by a matrix of {@link Patches} for a block of images, or of an image's rows, at a
 * time: the memory does not grow with the batch.
 */
final class Convolution {
  /* Patches of a block: 2 MiB of float32 stay in a core's cache; a GPU wants more work at once. */
  private static final int BLOCK_ON_CPU = 1 << 19;
  private static final int BLOCK_ON_CUDA = 1 << 26;
  /* Columns that make a product worth its call: smaller images are taken together. */
  private static final int COLUMNS_ON_CPU = 128;
  private static final int COLUMNS_ON_CUDA = 1 << 16;

  private final Patches patches;
  private final int groups;
  private final int outputs;

  Convolution(Patches patches, int groups, int outputs) {
    this.patches = patches;
    this.groups = groups;
    this.outputs = outputs;
  }

  /** A block: images from one on, and rows of their outputs from one on. */
  private record Block(int image, int images, int row, int rows) {}

  private interface Work {
    void run(Block block);
  }

  /** y, without a bias. */
  Tensor outputs(Tensor x, Tensor w) {
    Tensor input = x.contiguous();
    int n = x.size(0);
    Tensor y = x.newEmpty(n, outputs, patches.out()[0], patches.out()[1]);
    OneDnnConvolution oneDnn = oneDnn(y);
    if (oneDnn != null) {
      oneDnn.outputs(floats(input), floats(w), floats(y));
      return y;
    }
    Tensor weight = matrices(w);
    each(
        y,
        b -> {
          Tensor columns = columns(input, b);
          Tensor to = whole(b) ? part(y, outputs, b) : room(y, outputs / groups, columns.size(2));
          Gemm.products(weight, columns, to);
          if (!whole(b)) spread(to, y, outputs, b);
        });
    return y;
  }

  /** The gradient of x; the other way to see it: y convolved with the transpose. */
  Tensor inputs(Tensor y, Tensor w) {
    Tensor output = y.contiguous();
    int[] size = patches.size();
    int[] shape = {y.size(0), patches.channels(), size[0], size[1]};
    OneDnnConvolution oneDnn = oneDnn(y);
    Tensor x = patches.isOnePixel() || oneDnn != null ? y.newEmpty(shape) : y.newZeros(shape);
    if (oneDnn != null) {
      oneDnn.inputs(floats(output), floats(w), floats(x));
      return x;
    }
    Tensor weight = matrices(w).transpose(1, 2);
    each(
        y,
        b -> {
          Tensor given = part(output, outputs, b);
          boolean direct = patches.isOnePixel() && whole(b);
          Tensor columns =
              direct
                  ? part(x, patches.channels(), b)
                  : room(x, patches.rows() / groups, given.size(2));
          Gemm.products(weight, given, columns);
          if (patches.isOnePixel() && !direct) spread(columns, x, patches.channels(), b);
          if (!patches.isOnePixel())
            patches.add(columns, x.narrow(0, b.image, b.images), b.row, b.rows);
        });
    return x;
  }

  /** The gradient of w. */
  Tensor weights(Tensor y, Tensor x) {
    Tensor output = y.contiguous();
    Tensor input = x.contiguous();
    int[] kernel = patches.kernel();
    Tensor w = y.newZeros(outputs, patches.channels() / groups, kernel[0], kernel[1]);
    OneDnnConvolution oneDnn = oneDnn(y);
    if (oneDnn != null) {
      oneDnn.weights(floats(output), floats(input), floats(w));
      return w;
    }
    Tensor sums = matrices(w);
    Tensor product = room(w, outputs / groups, patches.rows() / groups);
    each(
        y,
        b -> {
          boolean first = b.image == 0 && b.row == 0;
          Tensor columns = columns(input, b).transpose(1, 2);
          Gemm.products(part(output, outputs, b), columns, first ? sums : product);
          if (!first) sums.add_(product);
        });
    return w;
  }

  /** oneDNN's convolution to as many images as y has; null: by patches. */
  private OneDnnConvolution oneDnn(Tensor y) {
    if (y.dtype() != DType.FLOAT32 || y.device().isCuda() || y.numel() == 0) return null;
    if (patches.channels() == 0 || !OneDnn.isUsed()) return null;
    ConvolutionShape shape =
        new ConvolutionShape(patches.channels(), outputs, groups, axis(0), axis(1));
    return OneDnnConvolution.takes(shape, y.size(0))
        ? new OneDnnConvolution(shape, y.size(0))
        : null;
  }

  private Axis axis(int d) {
    return new Axis(
        patches.size()[d],
        patches.kernel()[d],
        patches.stride()[d],
        patches.padding()[d],
        patches.dilation()[d],
        patches.out()[d]);
  }

  private static Floats floats(Tensor t) {
    Tensor rowsFirst = t.contiguous();
    return new Floats(rowsFirst.storage().array(), rowsFirst.offset());
  }

  private Tensor columns(Tensor x, Block b) {
    if (patches.isOnePixel()) return part(x, patches.channels(), b);
    Tensor columns = patches.of(x.narrow(0, b.image, b.images), b.row, b.rows);
    return columns.view(groups, patches.rows() / groups, columns.size(1));
  }

  private Tensor room(Tensor like, int rows, int columns) {
    return like.newEmpty(groups, rows, columns);
  }

  /* A matrix a group: its outputs by the numbers of a patch. */
  private Tensor matrices(Tensor w) {
    return w.contiguous().view(groups, outputs / groups, patches.rows() / groups);
  }

  private boolean whole(Block b) {
    return b.images == 1 && b.rows == patches.out()[0];
  }

  /* A block of y as [group, channel, pixel]: of one image a view. */
  private Tensor part(Tensor t, int channels, Block b) {
    int width = t.size(3);
    if (b.images == 1)
      return t.select(0, b.image)
          .view(groups, channels / groups, t.size(2) * width)
          .narrow(2, b.row * width, b.rows * width);
    return byImage(t, channels, b)
        .permute(1, 2, 0, 3, 4)
        .contiguous()
        .view(groups, channels / groups, b.images * b.rows * width);
  }

  /* The reverse of part, where that is no view. */
  private void spread(Tensor from, Tensor t, int channels, Block b) {
    Tensor pixels = from.view(groups, channels / groups, b.images, b.rows, t.size(3));
    Copy.copy(pixels.permute(2, 0, 1, 3, 4), byImage(t, channels, b));
  }

  private Tensor byImage(Tensor t, int channels, Block b) {
    return t.narrow(0, b.image, b.images)
        .view(b.images, groups, channels / groups, t.size(2), t.size(3))
        .narrow(3, b.row, b.rows);
  }

  private void each(Tensor y, Work work) {
    if (y.numel() == 0) return;
    boolean onCuda = y.device().isCuda();
    int most = onCuda ? BLOCK_ON_CUDA : BLOCK_ON_CPU;
    int n = y.size(0);
    int height = y.size(2);
    long line = Math.max(1, (long) patches.rows() * y.size(3));
    int rows = (int) Math.max(1, Math.min(height, most / line));
    int images = 1;
    if (rows == height) {
      int wanted = (onCuda ? COLUMNS_ON_CUDA : COLUMNS_ON_CPU) / (height * y.size(3));
      images = (int) Math.max(1, Math.min(Math.min(n, wanted), most / (line * height)));
    }
    for (int i = 0; i < n; i += images)
      for (int r = 0; r < height; r += rows)
        try (TensorScope scope = TensorScope.open()) {
          work.run(new Block(i, Math.min(images, n - i), r, Math.min(rows, height - r)));
        }
  }
}

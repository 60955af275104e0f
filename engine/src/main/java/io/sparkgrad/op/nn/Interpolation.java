package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** torch.nn.functional.interpolate: a {@link Resample} for each dimension behind the channels. */
final class Interpolation {
  private final String mode;
  private final Bands[] bands;

  private Interpolation(Tensor x, String mode, boolean alignCorners, int[] size, double[] scales) {
    this.mode = mode;
    bands = new Bands[size.length];
    for (int d = 0; d < size.length; d++) {
      int inputs = x.size(d + 2);
      if (size[d] <= 0 || inputs <= 0)
        throw new IllegalArgumentException(
            "interpolate: Input and output sizes should be greater than 0, but got input %s output %s"
                .formatted(Arrays.toString(x.shape()), Arrays.toString(size)));
      bands[d] =
          mode.equals("nearest")
              ? Bands.nearest(inputs, size[d], scales[d])
              : Bands.linear(inputs, size[d], scales[d], alignCorners);
    }
  }

  static Interpolation to(Tensor x, int[] size, String mode, boolean alignCorners) {
    check(x, mode, alignCorners);
    int dims = x.dim() - 2;
    int[] sizes = size.clone();
    if (size.length == 1) Arrays.fill(sizes = new int[dims], size[0]);
    if (sizes.length != dims)
      throw new IllegalArgumentException(
          "interpolate: Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of %s and output size of %s"
              .formatted(
                  Arrays.toString(Arrays.copyOfRange(x.shape(), 2, x.dim())),
                  Arrays.toString(size)));
    double[] scales = new double[dims];
    for (int d = 0; d < dims; d++) scales[d] = (double) x.size(d + 2) / sizes[d];
    return new Interpolation(x, mode, alignCorners, sizes, scales);
  }

  static Interpolation by(Tensor x, double factor, String mode, boolean alignCorners) {
    check(x, mode, alignCorners);
    int[] sizes = new int[x.dim() - 2];
    double[] scales = new double[sizes.length];
    for (int d = 0; d < sizes.length; d++) {
      sizes[d] = (int) Math.floor(x.size(d + 2) * factor);
      scales[d] = 1 / factor;
    }
    return new Interpolation(x, mode, alignCorners, sizes, scales);
  }

  private static void check(Tensor x, String mode, boolean alignCorners) {
    if (x.dim() < 3 || x.dim() > 5)
      throw new IllegalArgumentException(
          "interpolate: Only 3D, 4D and 5D input Tensors supported, got %dD".formatted(x.dim()));
    int dims =
        switch (mode) {
          case "nearest" -> x.dim();
          case "linear" -> 3;
          case "bilinear" -> 4;
          case "trilinear" -> 5;
          default ->
              throw new IllegalArgumentException(
                  "interpolate: mode must be nearest, linear, bilinear or trilinear, got " + mode);
        };
    if (dims != x.dim())
      throw new IllegalArgumentException(
          "interpolate: Got %dD input, but %s mode needs %dD input".formatted(x.dim(), mode, dims));
    if (alignCorners && mode.equals("nearest"))
      throw new IllegalArgumentException(
          "interpolate: align_corners option can only be set with the interpolating modes: linear | bilinear | trilinear");
    Require.floats("interpolate", x);
  }

  Tensor apply(Tensor x) {
    String kind = Character.toUpperCase(mode.charAt(0)) + mode.substring(1);
    String node = "Upsample%s%dDBackward1".formatted(kind, bands.length);
    return Composite.of(
        "interpolate",
        node,
        () -> {
          Tensor y = x;
          for (int k = bands.length; k-- > 0; )
            y = Ops.call(new Resample(k - bands.length, bands[k]), y);
          return y;
        },
        x);
  }
}

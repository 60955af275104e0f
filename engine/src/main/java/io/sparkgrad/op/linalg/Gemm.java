package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.backend.cpu.Blas.Matrix;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaGemm;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/** Products of matrices that lie in tensors, by strides that BLAS understands where possible. */
public final class Gemm {
  private Gemm() {}

  static void checkTypes(String op, Tensor a, Tensor b) {
    if (a.dtype() == DType.BOOL || a.dtype() != b.dtype())
      throw new IllegalArgumentException(
          "%s: expected two matrices of numbers of one dtype, but found %s and %s; convert with .to(dtype)"
              .formatted(op, a.dtype(), b.dtype()));
  }

  /** As {@link #checkTypes}, which products of no numbers pass, as in PyTorch. */
  static void checkFactors(String op, Tensor a, Tensor b) {
    if (a.numel() > 0 && b.numel() > 0) checkTypes(op, a, b);
  }

  static void checkInner(String op, Tensor a, Tensor b) {
    if (a.size(-1) != b.size(-2)) {
      throw new IllegalArgumentException(
          "%s: mat1 and mat2 shapes cannot be multiplied (%sx%s and %sx%s): shapes %s and %s"
              .formatted(
                  op,
                  a.size(-2),
                  a.size(-1),
                  b.size(-2),
                  b.size(-1),
                  Arrays.toString(a.shape()),
                  Arrays.toString(b.shape())));
    }
  }

  /** Room for a product of the type of a factor, which writes every number. */
  static Tensor result(Tensor a, int... shape) {
    return Tensor.empty(a.device(), a.dtype(), shape);
  }

  /** out = a · b for batches of matrices; out lies in one run, from wherever it begins. */
  public static void products(Tensor a, Tensor b, Tensor out) {
    if (out.numel() == 0) return;
    if (!out.dtype().isFloatingPoint()) {
      whole(a, b, out);
      return;
    }
    if (out.device().isCuda()) {
      onCuda(a, b, out, null);
      return;
    }
    int matrix = out.shape()[1] * out.shape()[2];
    for (int i = 0; i < out.shape()[0]; i++)
      product(a.select(0, i), b.select(0, i), out, out.offset() + i * matrix);
  }

  /** out = a · b for matrices, the bias added to each row unless it is null. */
  static void product(Tensor a, Tensor b, Tensor out, Tensor bias) {
    boolean whole = !out.dtype().isFloatingPoint();
    if (out.device().isCuda() && out.numel() > 0 && !whole) {
      onCuda(a.unsqueeze(0), b.unsqueeze(0), out.unsqueeze(0), bias);
      return;
    }
    if (whole) whole(a.unsqueeze(0), b.unsqueeze(0), out.unsqueeze(0));
    else product(a, b, out, 0);
    if (bias == null) return;
    if (whole || out.device().isCuda()) out.add_(bias);
    else addToRows(out, bias.contiguous());
  }

  /* The loop by itself: as an operation it takes as long to compile as a small net's whole step. */
  private static void addToRows(Tensor out, Tensor bias) {
    int n = bias.numel();
    int from = bias.offset();
    int end = out.offset() + out.numel();
    if (out.dtype() == DType.FLOAT32) {
      float[] a = out.storage().array();
      float[] b = bias.storage().array();
      for (int at = out.offset(); at < end; at += n)
        for (int i = 0; i < n; i++) a[at + i] += b[from + i];
    } else {
      double[] a = out.storage().array();
      double[] b = bias.storage().array();
      for (int at = out.offset(); at < end; at += n)
        for (int i = 0; i < n; i++) a[at + i] += b[from + i];
    }
  }

  /* Of batches of integers: exact, and round past the ends of the type. */
  private static void whole(Tensor a, Tensor b, Tensor out) {
    out.zero_();
    for (int k = 0; k < a.shape()[2] && out.numel() > 0; k++)
      out.add_(a.narrow(2, k, 1).mul(b.narrow(1, k, 1)));
  }

  private static void onCuda(Tensor a, Tensor b, Tensor out, Tensor bias) {
    Tensor added = bias == null ? null : bias.contiguous();
    CudaGemm.product(
        CudaDevice.of(out.device().ordinal()),
        out.dtype() == DType.FLOAT32 ? CudaGemm.Type.F32 : CudaGemm.Type.F64,
        a.shape()[1],
        b.shape()[2],
        a.shape()[2],
        out.shape()[0],
        onCuda(a),
        onCuda(b),
        out.storage().memory(),
        out.offset(),
        added == null ? null : added.storage().memory(),
        added == null ? 0 : added.offset());
  }

  private static CudaGemm.Matrix onCuda(Tensor batch) {
    Tensor first = batch.select(0, 0);
    Tensor t = isRowMajor(first) || isTransposed(first) ? batch : Ops.copy(batch);
    Tensor matrix = t.select(0, 0);
    return new CudaGemm.Matrix(
        t.storage().memory(), t.offset(), stride(matrix), isTransposed(matrix), t.strides()[0]);
  }

  /* out[at..] = a · b for 2-D a and b. */
  private static void product(Tensor a, Tensor b, Tensor out, int at) {
    int m = a.shape()[0];
    int k = a.shape()[1];
    int n = b.shape()[1];
    if (m == 0 || n == 0) return;
    if (k == 0) out.zero_(); // sums of nothing, which BLAS leaves alone
    else if (out.dtype() == DType.FLOAT32)
      Blas.gemm(m, n, k, floats(a), floats(b), out.storage().<float[]>array(), at);
    else Blas.gemmDouble(m, n, k, doubles(a), doubles(b), out.storage().<double[]>array(), at);
  }

  private static Matrix<float[]> floats(Tensor x) {
    Tensor t = readable(x);
    return new Matrix<>(t.storage().<float[]>array(), t.offset(), stride(t), isTransposed(t));
  }

  private static Matrix<double[]> doubles(Tensor x) {
    Tensor t = readable(x);
    return new Matrix<>(t.storage().<double[]>array(), t.offset(), stride(t), isTransposed(t));
  }

  private static Tensor readable(Tensor t) {
    return isRowMajor(t) || isTransposed(t) ? t : Ops.copy(t);
  }

  private static boolean isRowMajor(Tensor t) {
    return runs(t, 0, 1);
  }

  private static boolean isTransposed(Tensor t) {
    return !isRowMajor(t) && runs(t, 1, 0);
  }

  /* Whether dimension `inner` has step 1 and dimension `outer` steps over all of it. */
  private static boolean runs(Tensor t, int outer, int inner) {
    int[] size = t.shape();
    int[] step = t.strides();
    return (step[inner] == 1 || size[inner] == 1)
        && (step[outer] >= size[inner] || size[outer] == 1);
  }

  private static int stride(Tensor t) {
    int outer = isTransposed(t) ? 1 : 0;
    int inner = 1 - outer;
    return Math.max(Math.max(1, t.shape()[inner]), t.shape()[outer] == 1 ? 1 : t.strides()[outer]);
  }
}

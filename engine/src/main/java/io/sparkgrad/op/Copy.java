package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.Loops;
import java.util.Arrays;
import java.util.List;

/**
 * The values of b in the shape and dtype of a: what {@code copy_} writes. All of the gradient goes
 * to b.
 */
public final class Copy extends Op implements Op.TakesStorageTypes {
  private final String name;
  private final String node;
  private final boolean ofItself;

  public Copy() {
    this("copy", "CopyBackwards", false);
  }

  private Copy(String name, String node, boolean ofItself) {
    this.name = name;
    this.node = node;
    this.ofItself = ofItself;
  }

  /** A copy of the target, which changes nothing. */
  public static Copy ofItself() {
    return new Copy("copy", "CopyBackwards", true);
  }

  /** A copy under another method's name: of numbers that the method made itself. */
  public static Copy of(String name, String node) {
    return new Copy(name, node, false);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String nodeName() {
    return node;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(in[0], in[1]);
    Tensor out = Tensor.empty(in[0].device(), in[0].dtype(), in[0].shape());
    copy(in[1], out);
    return new Tensor[] {out};
  }

  @Override
  boolean forwardInto(Tensor target, Tensor... in) {
    check(target, in[1]);
    if (in[1].storage().sharesWith(target.storage())) return false;
    copy(in[1], target);
    return true;
  }

  /* A Java number is the same for every place. */
  @Override
  protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
    boolean allowed = ofItself || operands[0].isWrappedNumber();
    return allowed ? MemoryOverlap.ALLOWED : MemoryOverlap.PARTIAL;
  }

  @Override
  boolean needsOneDevice() {
    return false;
  }

  /** As {@link #copy}, on one GPU, or from a number on the CPU. */
  static void onCuda(Tensor in, Tensor out) {
    DType from = CudaPointwise.isCpuScalar(in) ? numberType(out.dtype()) : in.dtype();
    CudaPointwise.launch("copy", kernel(from, out.dtype()), from, new Scalar[0], out, in);
  }

  private static DType numberType(DType target) {
    return target.isFloatingPoint() ? DType.FLOAT64 : DType.INT64;
  }

  private static String kernel(DType from, DType to) {
    return "copy_to_" + to.kernelSuffix() + "_" + from.kernelSuffix();
  }

  /* C leaves open what becomes of a float that a small type does not hold: it goes the way it goes on the CPU. */
  private static final String SOURCE =
      """
      #include "half.cuh"
      #include "pointwise.cuh"

      inline __device__ float number(float16 x) { return x; }
      inline __device__ float number(bfloat16 x) { return x; }
      template <class T> __device__ T number(T x) { return x; }

      template <class To> struct As {
        template <class T> static __device__ To of(T x) { return To(number(x)); }
      };
      template <> struct As<unsigned char> {
        template <class T> static __device__ unsigned char of(T x) {
          return (unsigned char)(long long)number(x);
        }
      };
      template <> struct As<signed char> {
        template <class T> static __device__ signed char of(T x) { return (signed char)way(number(x)); }
        static __device__ int way(float x) { return (int)x; }
        static __device__ int way(double x) { return (int)x; }
        template <class T> static __device__ T way(T x) { return x; }
      };
      template <> struct As<short> {
        template <class T> static __device__ short of(T x) { return (short)As<signed char>::way(number(x)); }
      };
      """;

  @Override
  public String cudaSource() {
    StringBuilder text = new StringBuilder(SOURCE);
    for (DType from : DType.values()) {
      for (DType to : DType.values()) {
        String unit = "copy_to_" + to.kernelSuffix();
        text.append(
            CudaPointwise.kernel(unit, "x", from, to, "As<%s>::of(x)".formatted(to.cName())));
      }
    }
    return text.toString();
  }

  private static void check(Tensor target, Tensor source) {
    if (!Shape.expandsTo(source.shape(), target.shape())) {
      throw new IllegalArgumentException(
          "copy_: output with shape %s doesn't match the broadcast shape of %s"
              .formatted(Arrays.toString(target.shape()), Arrays.toString(source.shape())));
    }
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {
      ctx.needsGrad(0) ? grads[0].newZeros(grads[0].shape()) : null, grads[0].to(ctx.inputDevice(1))
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4), make.any(4)),
        new SampleInput(this, make.any(), make.any()),
        new SampleInput(this, make.any(0, 3), make.any(1)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "output with shape [3] doesn't match the broadcast shape of [2, 3]",
            make.any(3),
            make.any(2, 3)));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH -> "changes no value";
      case METHOD -> "in place only";
      case IN_PLACE -> null;
      default -> super.exempt(check);
    };
  }

  /** Copies element by element, converting the type; {@code in} is broadcast. */
  public static void copy(Tensor in, Tensor out) {
    if (out.numel() == 0) return;
    if (!in.device().equals(out.device()) && !CudaPointwise.isCpuScalar(in)) {
      copyAcross(in, out);
    } else if (out.device().isCuda()) {
      onCuda(in, out);
    } else if (isPlain(in, out)) {
      Object from = in.storage().array();
      Object to = out.storage().array();
      System.arraycopy(from, in.offset(), to, out.offset(), out.numel());
    } else if (in.numel() == 1 && out.isContiguous()) {
      out.storage().fill(out.offset(), out.offset() + out.numel(), in.storage(), in.offset());
    } else if (in.dtype().isFloatingPoint()) {
      Loops.pointwise(ElementType.DOUBLE, (n, y, x) -> System.arraycopy(x[0], 0, y, 0, n), out, in);
    } else {
      Loops.pointwise(ElementType.LONG, (n, y, x) -> System.arraycopy(x[0], 0, y, 0, n), out, in);
    }
  }

  /* Only runs of one type cross between devices: converted and gathered before, spread after. */
  private static void copyAcross(Tensor in, Tensor out) {
    boolean ready = in.dtype() == out.dtype() && in.isContiguous();
    Tensor source = ready ? in : Ops.copy(in, in.device(), out.dtype());
    boolean spread = !out.isContiguous() || out.numel() != in.numel();
    Tensor target = spread ? Tensor.forUpload(out.device(), out.dtype(), in.shape()) : out;
    Storage.transfer(
        source.storage(), source.offset(), target.storage(), target.offset(), in.numel());
    if (spread) copy(target, out);
  }

  private static boolean isPlain(Tensor in, Tensor out) {
    return in.dtype() == out.dtype()
        && in.isContiguous()
        && out.isContiguous()
        && in.numel() == out.numel();
  }
}

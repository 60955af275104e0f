package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/**
 * y = ln Σ exp(x) - x[target] of scores x [n, classes, ...] and their int64 classes, folded; dx =
 * g·(softmax x - 1 at the target). Where the target is ignoreIndex both are 0. One pass over x each
 * way, and no probabilities kept between them.
 */
final class CrossEntropy extends Op {
  private final long ignoreIndex;
  private final Reduction reduce;

  CrossEntropy(long ignoreIndex, Reduction reduce) {
    this.ignoreIndex = ignoreIndex;
    this.reduce = reduce;
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "LogSoftmaxBackwardDataBackward0";
  }

  @Override
  public String nodeName(Tensor... in) {
    return in[0].dim() > 2 ? "NllLoss2DBackward0" : "NllLossBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor target = in[1];
    ClassLosses.check(name(), x, target, ignoreIndex);
    Tensor losses = Tensor.empty(x.device(), x.dtype(), target.shape());
    Tensor logSums = Tensor.empty(x.device(), x.dtype(), target.shape());
    if (x.shape()[1] == 0) {
      losses.zero_(); // all targets are ignored
    } else if (losses.numel() > 0) {
      if (x.device().isCuda()) onCuda(x, target, losses, logSums);
      else onCpu(x, target, losses.storage(), logSums.storage());
    }
    Tensor count = reduce == Reduction.MEAN ? ClassLosses.count(x, target, ignoreIndex) : null;
    ctx.save(x, target, logSums, count);
    return new Tensor[] {ClassLosses.fold(losses, reduce, count)};
  }

  private void onCpu(Tensor x, Tensor target, Storage losses, Storage logSums) {
    Storage scores = x.storage();
    long[] classes = classes(target);
    int n = x.shape()[1];
    int step = x.strides()[1];
    boolean direct = x.dtype() == DType.FLOAT32 && step == 1;
    float[] work = new float[direct ? n : 0];
    double[] row = new double[direct ? 0 : n];
    StridedIterator iterator = rows(x);
    int i = 0;
    do {
      for (int r = 0; r < iterator.run; r++, i++) {
        int at = iterator.at(0, r);
        if (!direct) ElementType.DOUBLE.load(scores, at, step, n, row);
        double logSum =
            direct ? FloatKernels.best().logSumExp(n, scores.array(), at, work) : logSumExp(n, row);
        logSums.set(i, logSum);
        boolean ignored = classes[i] == ignoreIndex;
        losses.set(i, ignored ? 0 : logSum - scores.getDouble(at + (int) classes[i] * step));
      }
    } while (iterator.next());
  }

  private static double logSumExp(int n, double[] row) {
    double max = RowwiseOp.max(n, row);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += Math.exp(row[i] - max);
    return max + Math.log(sum);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    if (ctx.inputShape(0)[1] == 0) return new Tensor[] {grads[0].newZeros(ctx.inputShape(0)), null};
    Tensor index = ctx.saved(1).unsqueeze(1);
    Tensor each = reduce == Reduction.NONE ? grads[0].unsqueeze(1) : perTarget(ctx, grads[0]);
    Tensor g = ClassLosses.unlessIgnored(each, index, ignoreIndex);
    Tensor classes = ClassLosses.inRange(index, ignoreIndex);
    return new Tensor[] {ctx.saved(0).softmax(1).mul(g).scatterAdd(1, classes, g.neg()), null};
  }

  @Override
  protected Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor target = ctx.saved(1);
    Tensor logSums = ctx.saved(2);
    Tensor g = perTarget(ctx, grads[0]).contiguous();
    Tensor dx = Tensor.empty(x.device(), x.dtype(), x.shape());
    if (dx.numel() > 0) {
      if (x.device().isCuda()) gradientOnCuda(x, target, logSums, g, dx);
      else gradientOnCpu(x, target, logSums.storage(), g, dx);
    }
    return new Tensor[] {dx, null};
  }

  private Tensor perTarget(Context ctx, Tensor g) {
    return reduce == Reduction.MEAN ? g.div(ctx.saved(3)) : g;
  }

  private void gradientOnCpu(Tensor x, Tensor target, Storage logSums, Tensor g, Tensor dx) {
    long[] classes = classes(target);
    int n = x.shape()[1];
    int step = x.strides()[1];
    int toStep = dx.strides()[1];
    boolean direct = x.dtype() == DType.FLOAT32 && step == 1 && toStep == 1;
    double[] row = new double[n];
    StridedIterator iterator = rows(x, dx);
    int i = 0;
    do {
      for (int r = 0; r < iterator.run; r++, i++) {
        int at = iterator.at(0, r);
        int to = iterator.at(1, r);
        double gi = g.storage().getDouble(g.offset() + (reduce == Reduction.NONE ? i : 0));
        double logSum = logSums.getDouble(i);
        if (classes[i] == ignoreIndex) {
          java.util.Arrays.fill(row, 0);
          ElementType.DOUBLE.store(row, dx.storage(), to, toStep, n);
        } else if (direct) {
          float[] y = dx.storage().array();
          FloatKernels.best().exp(n, x.storage().array(), at, (float) logSum, (float) gi, y, to);
          y[to + (int) classes[i]] -= (float) gi;
        } else {
          ElementType.DOUBLE.load(x.storage(), at, step, n, row);
          for (int k = 0; k < n; k++) row[k] = gi * Math.exp(row[k] - logSum);
          row[(int) classes[i]] -= gi;
          ElementType.DOUBLE.store(row, dx.storage(), to, toStep, n);
        }
      }
    } while (iterator.next());
  }

  private static long[] classes(Tensor target) {
    return Ops.copy(target, Device.CPU, DType.INT64).storage().array();
  }

  /* From row to row of each, in the order of the targets. */
  private static StridedIterator rows(Tensor... tensors) {
    int[] kept = Dims.of("crossEntropy", tensors[0], new int[] {1}, false).kept();
    return tensors[0].device().isCuda()
        ? StridedIterator.relative(kept, tensors)
        : StridedIterator.over(kept, tensors);
  }

  @Override
  public String cudaSource() {
    StringBuilder text = new StringBuilder("#include \"cross_entropy.cuh\"\n\n");
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
      String t = type.kernelSuffix();
      String c = type.cName();
      text.append(
          String.format(
              """
              KERNEL(cross_entropy_warp_%1$s, 128, LossArgs) { loss_warp<%2$s>(args); }
              KERNEL(cross_entropy_block_%1$s, 256, LossArgs) { loss_block<%2$s>(args); }
              KERNEL(cross_entropy_gradient_warp_%1$s, 128, GradientArgs) {
                for (int row = blockIdx.x * 4 + threadIdx.x / 32; row < args.rows; row += gridDim.x * 4)
                  gradient<%2$s>(args, row, threadIdx.x %% 32, 32);
              }
              KERNEL(cross_entropy_gradient_block_%1$s, 256, GradientArgs) {
                for (int row = blockIdx.x; row < args.rows; row += gridDim.x) gradient<%2$s>(args, row, threadIdx.x, 256);
              }
              """,
              t, c));
    }
    return text.toString();
  }

  private void onCuda(Tensor x, Tensor given, Tensor losses, Tensor logSums) {
    Tensor target = given.contiguous();
    CudaDevice device = CudaDevice.of(x.device().ordinal());
    KernelArgs args = device.args();
    pointers(args, x, target, losses, logSums);
    args.faults(name()).i64(ignoreIndex);
    args.i32(target.numel()).i32(x.shape()[1]).i32(x.strides()[1]);
    CudaReduce.add(args, name(), rows(x));
    launch(device, args, "", x, target.numel());
  }

  private void gradientOnCuda(Tensor x, Tensor given, Tensor logSums, Tensor g, Tensor dx) {
    Tensor target = given.contiguous();
    CudaDevice device = CudaDevice.of(x.device().ordinal());
    KernelArgs args = device.args();
    pointers(args, x, target, logSums, g, dx);
    args.i64(ignoreIndex).i32(target.numel()).i32(x.shape()[1]);
    args.i32(reduce == Reduction.NONE ? 1 : 0).i32(x.strides()[1]).i32(dx.strides()[1]);
    CudaReduce.add(args, name(), rows(x, dx));
    launch(device, args, "gradient_", x, target.numel());
  }

  private static void pointers(KernelArgs args, Tensor... all) {
    for (Tensor t : all) args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
  }

  private void launch(CudaDevice device, KernelArgs args, String part, Tensor x, int rows) {
    boolean inWarp = x.shape()[1] <= RowwiseOp.heldInWarp(x.dtype());
    String form = inWarp ? "warp_" : "block_";
    CudaKernel kernel =
        device.kernel(unit(), unit() + "_" + part + form + x.dtype().kernelSuffix());
    kernel.launch(args, kernel.blocks(rows, inWarp ? 4 : 1), inWarp ? 128 : 256);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    Tensor some = Tensor.tensor(0L, 2L, 3L, 1L, 2L);
    return List.of(
        new SampleInput(new CrossEntropy(-100, Reduction.MEAN), make.any(4, 5), make.below(5, 4)),
        new SampleInput(
            new CrossEntropy(-100, Reduction.SUM), make.any(5, 4).t(), make.below(5, 4)),
        new SampleInput(
            new CrossEntropy(-100, Reduction.NONE), make.any(2, 3, 4), make.below(3, 2, 4)),
        new SampleInput(new CrossEntropy(2, Reduction.MEAN), make.any(5, 4), some),
        new SampleInput(new CrossEntropy(2, Reduction.NONE), make.any(5, 4), some),
        new SampleInput(
            new CrossEntropy(-100, Reduction.SUM), make.any(2, 1500), make.below(1500, 2)),
        new SampleInput(new CrossEntropy(-100, Reduction.SUM), make.any(0, 4), make.below(4, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("Target 5 is out of bounds", make.any(2, 5), make.below(1, 2).add(5)),
        errorInput("needs a target of shape [2], got [3]", make.any(2, 5), make.below(5, 3)),
        errorInput("not implemented for torch.int64", make.below(9, 2, 5), make.below(5, 2)),
        errorInput(
            "expected a target of int64 class numbers, got torch.float64",
            make.any(2, 5),
            make.any(2)));
  }
}

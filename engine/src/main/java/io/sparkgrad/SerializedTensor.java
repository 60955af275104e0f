package io.sparkgrad;

import io.sparkgrad.op.Ops;
import java.io.Serializable;

/** A leaf's values on their way through Java serialization; its gradient stays behind. */
final class SerializedTensor implements Serializable {
  private static final long serialVersionUID = 1;

  private final DType dtype;
  private final int[] shape;
  private final Serializable numbers;
  private final Device device;
  private final boolean requiresGrad;
  private final boolean parameter;

  SerializedTensor(Tensor t) {
    dtype = t.dtype();
    shape = t.shape();
    numbers = numbers(Ops.copy(t, Device.CPU, t.dtype()).storage());
    device = t.device();
    requiresGrad = t.requiresGrad();
    parameter = t instanceof Parameter;
  }

  private static Serializable numbers(Storage s) {
    return switch (s.dtype()) {
      case BOOL -> s.booleans();
      case INT32 -> s.ints();
      case INT64 -> s.longs();
      case FLOAT32 -> s.floats();
      case FLOAT64 -> s.doubles();
    };
  }

  /* On the device it came from if there is one here, else on the CPU. */
  private Object readResolve() {
    boolean there =
        device.isCuda()
            && Device.cudaIsAvailable()
            && device.ordinal() < io.sparkgrad.backend.cuda.Cuda.availability().devices();
    Tensor t = there ? onCpu().to(device) : onCpu();
    return (parameter ? new Parameter(t) : t).requiresGrad_(requiresGrad);
  }

  private Tensor onCpu() {
    return switch (dtype) {
      case BOOL -> Tensor.of((boolean[]) numbers, shape);
      case INT32 -> Tensor.of((int[]) numbers, shape);
      case INT64 -> Tensor.of((long[]) numbers, shape);
      case FLOAT32 -> Tensor.of((float[]) numbers, shape);
      case FLOAT64 -> Tensor.of((double[]) numbers, shape);
    };
  }
}

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
  private final boolean buffer;
  private final boolean constant;

  SerializedTensor(Tensor t) {
    dtype = t.dtype();
    shape = t.shape();
    numbers = Ops.copy(t, Device.CPU, t.dtype()).storage().numbers();
    device = t.device();
    requiresGrad = t.requiresGrad();
    parameter = t instanceof Parameter;
    buffer = t instanceof Buffer;
    constant = t instanceof Buffer b && b.isConstant();
  }

  /* On the device it came from if there is one here, else on the CPU. */
  private Object readResolve() {
    boolean there =
        device.isCuda()
            && Device.cudaIsAvailable()
            && device.ordinal() < io.sparkgrad.backend.cuda.Cuda.availability().devices();
    Tensor t = there ? onCpu().to(device) : onCpu();
    if (buffer) return constant ? new Buffer(t).constant() : new Buffer(t);
    return (parameter ? new Parameter(t) : t).requiresGrad_(requiresGrad);
  }

  private Tensor onCpu() {
    return Tensor.of(dtype, numbers, shape);
  }
}

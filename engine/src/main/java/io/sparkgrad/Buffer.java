package io.sparkgrad;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/**
 * A tensor that belongs to a module and that no optimizer steps, as the running mean of a batch
 * norm: PyTorch's nn.Buffer. Modules find it among their fields; it moves with the module to a
 * device and stands in its state dict.
 *
 * <p>Trained on a cluster, each worker begins a step with the same numbers, and the step sets them
 * to the mean of what the workers made of them, weighted by their rows. Numbers that no forward
 * pass changes are {@link #constant}: they do not travel.
 */
@DefaultSerializer(JavaSerializer.class)
public final class Buffer extends Tensor {
  private static final long serialVersionUID = 1;

  private boolean constant;

  /** Shares the numbers of {@code data}. */
  public Buffer(Tensor data) {
    super(data);
  }

  /** Says that no forward pass changes the numbers, and returns this. */
  public Buffer constant() {
    constant = true;
    return this;
  }

  public boolean isConstant() {
    return constant;
  }
}

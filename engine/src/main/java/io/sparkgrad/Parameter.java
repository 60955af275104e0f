package io.sparkgrad;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/** A leaf that a module trains: PyTorch's nn.Parameter. Modules find it among their fields. */
@DefaultSerializer(JavaSerializer.class)
public final class Parameter extends Tensor {
  private static final long serialVersionUID = 1;

  /** Shares the numbers of {@code data}. */
  public Parameter(Tensor data) {
    super(data);
    requiresGrad_();
  }

  @Override
  public String toString() {
    return "Parameter containing:\n" + super.toString();
  }
}

package io.sparkgrad.fuzz;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A step of a program. What it makes is called by its id; of several results the i-th is {@code
 * id.i}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Statement.Leaf.class, name = "leaf"),
  @JsonSubTypes.Type(value = Statement.Call.class, name = "call"),
  @JsonSubTypes.Type(value = Statement.Hook.class, name = "hook"),
  @JsonSubTypes.Type(value = Statement.Unhook.class, name = "unhook"),
  @JsonSubTypes.Type(value = Statement.Backward.class, name = "backward"),
  @JsonSubTypes.Type(value = Statement.Gradients.class, name = "gradients")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
sealed interface Statement {
  String id();

  /** The names that it reads. */
  @JsonIgnore
  List<String> reads();

  /**
   * A tensor of the given numbers, in row-major order or, with strides, those of its storage.
   *
   * @param grad whether it requires a gradient
   */
  record Leaf(
      String id,
      String dtype,
      List<Object> values,
      int[] shape,
      int[] strides,
      int offset,
      boolean grad)
      implements Statement {
    @Override
    public List<String> reads() {
      return List.of();
    }
  }

  /**
   * A public method.
   *
   * @param self the receiver, null for a static method
   * @param types of the parameters, by their simple names: which overload
   * @param mode noGrad, enableGrad, inferenceMode, or null for none
   */
  record Call(
      String id,
      String method,
      String self,
      List<String> types,
      List<String> parameters,
      List<Argument> arguments,
      String mode)
      implements Statement {
    @Override
    public List<String> reads() {
      List<String> names = new ArrayList<>();
      if (self != null) names.add(self);
      arguments.forEach(a -> names.addAll(a.names()));
      return names;
    }

    String signature() {
      return method + "(" + String.join(", ", types) + ")";
    }
  }

  /**
   * A hook on a tensor's gradient, or with {@code pre:} or {@code post:} on its node.
   *
   * @param kind what it makes of a gradient: observe, double, ones, square
   */
  record Hook(String id, String on, String kind) implements Statement {
    @Override
    public List<String> reads() {
      return List.of(on);
    }
  }

  record Unhook(String id, String on) implements Statement {
    @Override
    public List<String> reads() {
      return List.of(on);
    }
  }

  record Backward(
      String id, String on, String gradient, List<String> inputs, boolean retain, boolean create)
      implements Statement {
    @Override
    public List<String> reads() {
      List<String> names = new ArrayList<>(List.of(on));
      if (gradient != null) names.add(gradient);
      if (inputs != null) names.addAll(inputs);
      return names;
    }
  }

  /** Autograd.grad. */
  record Gradients(
      String id,
      List<String> outputs,
      List<String> inputs,
      List<String> gradOutputs,
      boolean retain,
      boolean create,
      boolean unused)
      implements Statement {
    @Override
    public List<String> reads() {
      return Stream.of(outputs, inputs, gradOutputs)
          .filter(Objects::nonNull)
          .flatMap(List::stream)
          .toList();
    }
  }
}

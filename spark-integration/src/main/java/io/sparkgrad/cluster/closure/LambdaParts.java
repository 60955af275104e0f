package io.sparkgrad.cluster.closure;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * A serializable lambda in its parts, as plain fields, to be put together again elsewhere.
 *
 * <p>Java sends a lambda as a {@link SerializedLambda} that becomes one when all it captured has
 * been read. If something captured holds the lambda, as the cell of a notebook holds a trainer,
 * reading ends in a ClassCastException. Fields have no such moment: they may form cycles.
 */
final class LambdaParts<F> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Class<?> capturingClass;
  private final String functionalInterface;
  private final String method;
  private final String methodSignature;
  private final int implementationKind;
  private final String implementationClass;
  private final String implementation;
  private final String implementationSignature;
  private final String instantiatedType;
  private final Object[] captured;

  /**
   * @param captured what the lambda shall capture in place of what it did
   */
  LambdaParts(SerializedLambda lambda, Class<?> capturingClass, Object[] captured) {
    this.capturingClass = capturingClass;
    this.functionalInterface = lambda.getFunctionalInterfaceClass();
    this.method = lambda.getFunctionalInterfaceMethodName();
    this.methodSignature = lambda.getFunctionalInterfaceMethodSignature();
    this.implementationKind = lambda.getImplMethodKind();
    this.implementationClass = lambda.getImplClass();
    this.implementation = lambda.getImplMethodName();
    this.implementationSignature = lambda.getImplMethodSignature();
    this.instantiatedType = lambda.getInstantiatedMethodType();
    this.captured = captured;
  }

  /** The parts of a serializable lambda; null for any other object. */
  static SerializedLambda of(Object function) {
    Class<?> type = function.getClass();
    if (!type.isSynthetic()) return null;
    try {
      Method writeReplace = type.getDeclaredMethod("writeReplace");
      writeReplace.setAccessible(true);
      return writeReplace.invoke(function) instanceof SerializedLambda parts ? parts : null;
    } catch (ReflectiveOperationException notSerializable) {
      return null;
    }
  }

  static Object[] captured(SerializedLambda lambda) {
    Object[] captured = new Object[lambda.getCapturedArgCount()];
    for (int i = 0; i < captured.length; i++) captured[i] = lambda.getCapturedArg(i);
    return captured;
  }

  /**
   * Puts it together. The compilers, javac and scalac alike, leave a method for it in every class
   * with serializable lambdas.
   */
  @SuppressWarnings("unchecked")
  F lambda() {
    SerializedLambda parts =
        new SerializedLambda(
            capturingClass,
            functionalInterface,
            method,
            methodSignature,
            implementationKind,
            implementationClass,
            implementation,
            implementationSignature,
            instantiatedType,
            captured);
    try {
      Method deserialize =
          capturingClass.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
      deserialize.setAccessible(true);
      return (F) deserialize.invoke(null, parts);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "%s could not be put together here: %s".formatted(this, e.getCause()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("%s could not be put together here".formatted(this), e);
    }
  }

  @Override
  public String toString() {
    return "lambda of " + capturingClass.getName();
  }
}

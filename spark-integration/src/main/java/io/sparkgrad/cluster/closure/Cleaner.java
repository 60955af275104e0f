package io.sparkgrad.cluster.closure;

import java.io.Serializable;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.util.List;
import org.apache.spark.SparkContext;
import scala.Function0;
import scala.Function1;
import scala.Function2;

/**
 * Spark's closure cleaner for lambdas of any interface: it takes Scala's functions only, so it is
 * given one with the same body and the same captured objects.
 */
final class Cleaner {
  private static final List<Class<?>> FUNCTIONS =
      List.of(Function0.class, Function1.class, Function2.class);

  /*
   * A lambda is made with all rights of the class that made the first one, and the classes of a shell lie in another
   * module than ours. Null where java.lang.invoke is not opened, as Spark's launcher opens it: Spark's cleaner needs that, too.
   */
  private static final MethodHandles.Lookup LOOKUP = lookup();

  /* Spark cleans what is serializable as its Scala says it: 2.12 has an interface of its own for it. */
  private static final Class<?> SERIALIZABLE = serializable();

  private Cleaner() {}

  private static Class<?> serializable() {
    try {
      return Class.forName("scala.Serializable", false, Function0.class.getClassLoader());
    } catch (ClassNotFoundException ofLaterScala) {
      return Serializable.class;
    }
  }

  private static MethodHandles.Lookup lookup() {
    try {
      Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
      trusted.setAccessible(true);
      return (MethodHandles.Lookup) trusted.get(null);
    } catch (ReflectiveOperationException | RuntimeException notOpened) {
      return null;
    }
  }

  /**
   * What a lambda shall capture: of a cell of a shell only what the lambda uses.
   *
   * @return as it is, unless scalac made the lambda
   */
  static Object[] captured(SerializedLambda lambda, Class<?> capturingClass, SparkContext spark) {
    Object[] captured = LambdaParts.captured(lambda);
    boolean byScala = lambda.getImplMethodName().contains("$anonfun$");
    if (spark == null
        || LOOKUP == null
        || !byScala
        || captured.length == 0
        || lambda.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic) return captured;
    Object function = function(lambda, capturingClass, captured);
    return function == null
        ? captured
        : LambdaParts.captured(LambdaParts.of(spark.clean(function, false)));
  }

  private static Object function(
      SerializedLambda lambda, Class<?> capturingClass, Object[] captured) {
    ClassLoader loader = capturingClass.getClassLoader();
    MethodType body =
        MethodType.fromMethodDescriptorString(lambda.getImplMethodSignature(), loader);
    MethodType type =
        MethodType.fromMethodDescriptorString(lambda.getInstantiatedMethodType(), loader).wrap();
    int parameters = type.parameterCount();
    if (parameters >= FUNCTIONS.size()) return null;
    try {
      MethodHandles.Lookup lookup = LOOKUP.in(capturingClass);
      Class<?> holder = Class.forName(lambda.getImplClass().replace('/', '.'), false, loader);
      MethodHandle implementation = lookup.findStatic(holder, lambda.getImplMethodName(), body);
      return LambdaMetafactory.altMetafactory(
              lookup,
              "apply",
              MethodType.methodType(
                  FUNCTIONS.get(parameters), body.parameterList().subList(0, captured.length)),
              MethodType.genericMethodType(parameters),
              implementation,
              type,
              LambdaMetafactory.FLAG_SERIALIZABLE | LambdaMetafactory.FLAG_MARKERS,
              1,
              SERIALIZABLE)
          .getTarget()
          .invokeWithArguments(captured);
    } catch (Throwable e) { // what a method handle throws
      throw new IllegalStateException(
          "the lambda of %s cannot be cleaned: %s".formatted(capturingClass.getName(), e), e);
    }
  }
}

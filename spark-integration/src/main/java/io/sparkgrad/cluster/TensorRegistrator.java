package io.sparkgrad.cluster;

import com.esotericsoftware.kryo.Kryo;
import io.sparkgrad.Buffer;
import io.sparkgrad.Parameter;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.RowReader;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Modules;
import io.sparkgrad.op.nn.EmbeddingOptions;
import java.util.ArrayList;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * Registers with Spark's Kryo tensors, modules and all that a fit or a prediction sends by it.
 * Without it Kryo carries them, too, but not under {@code spark.kryo.registrationRequired}:
 *
 * <pre>{@code
 * spark.serializer                 org.apache.spark.serializer.KryoSerializer
 * spark.kryo.registrationRequired  true
 * spark.kryo.registrator           io.sparkgrad.cluster.TensorRegistrator
 * }</pre>
 *
 * <p>Register a module class of your own besides, by {@code spark.kryo.classesToRegister}.
 */
public final class TensorRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    for (Class<?> c :
        new Class<?>[] {
          Tensor.class,
          Tensor[].class,
          Parameter.class,
          Parameter[].class,
          RowSparse.class,
          Buffer.class,
          Buffer[].class,
          Module[].class,
          EmbeddingOptions.class,
          ArrayList.class
        }) kryo.register(c);
    Modules.ALL.forEach(kryo::register);
    RowReader.serialized().forEach(kryo::register);
    TrainedModel.serialized().forEach(kryo::register);
  }
}

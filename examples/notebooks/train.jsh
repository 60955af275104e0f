// Digits, learned across the cluster, for JShell: see docs/notebooks.md for the command. A comment with an arrow says what is printed.
import io.sparkgrad.*;
import io.sparkgrad.cluster.*;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.examples.Digits;
import io.sparkgrad.nn.*;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.*;
import org.apache.spark.sql.*;

var x = Tensor.ones(2, 2).requiresGrad_();
x.add(2).pow(2).mul(3).mean().backward();
System.out.println(x.grad());
// => tensor([[4.5000, 4.5000],
// =>         [4.5000, 4.5000]])

var spark = SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate();
spark.sparkContext().setLogLevel("WARN");
var digits = Digits.load(spark).cache();
var testing = Digits.test(digits);

// What lambdas use: a value, and a class of the session.
int hidden = 32;
class Net extends Module {
  final Linear first = new Linear(64, hidden);
  final Linear second = new Linear(hidden, 10);

  @Override
  public Tensor forward(Tensor x) {
    return second.forward(first.forward(x).relu());
  }
}

var trainer = SparkTrainer.of(() -> new Net()).loss(Losses::crossEntropy).optimizer(new SGD(0.1).momentum(0.9));
trainer.features("pixels").label("digit").rowOrder("row").batchSize(64).epochs(20).workers(4);
trainer.validate(testing).metric("accuracy", (o, t) -> Metrics.accuracy(o, t)).printEpochs();
var result = trainer.fit(Digits.train(digits));
// => validation loss

var right = result.classify(testing).where("digit = prediction").count();
System.out.println(right > 335);
// => true
System.out.println(result.confusionMatrix(testing).table());
// => 9

var path = java.nio.file.Files.createTempDirectory("digits").resolve("digits.safetensors").toString();
result.save(path);
System.out.println(TrainedModel.load(() -> new Net(), path).classify(testing).where("digit = prediction").count() == right);
// => true

var run = SparkTrainer.of(() -> new Linear(64, 10)).loss(Losses::crossEntropy).optimizer(new Adam(0.01)).features("pixels").label("digit").epochs(1000).start(digits);
run.stop();
System.out.println(run.await().stopReason());
// => its user stopped it
spark.stop();
/exit

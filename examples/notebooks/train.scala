// The cells of train.zpln for spark-shell: spark-shell --jars sparkgrad-examples-VERSION-app.jar, then :load train.scala
// %% Import
import io.sparkgrad.{Tensor, Parameter, Buffer, Grad, DType, Device}, io.sparkgrad.nn._, io.sparkgrad.optim._, io.sparkgrad.cluster.{SparkTrainer, Scaling, Ids}, io.sparkgrad.cluster.trained.TrainedModel
// %% Data: 1,797 images of 8 x 8 pixels
import io.sparkgrad.examples.Digits
val digits = Digits.load(spark).cache()
val training = Digits.train(digits)
val testing = Digits.test(digits)
println(s"${training.count()} images to learn from, ${testing.count()} to test")
// => 1437 images to learn from, 360 to test
// %% Training
val hidden = 32
val result = SparkTrainer.of(() => new Sequential(new Linear(64, hidden), new ReLU(), new Linear(hidden, 10))).
  loss(Losses.crossEntropy(_, _)).
  optimizer(new SGD(0.1).momentum(0.9)).
  features("pixels").label("digit").rowOrder("row").
  batchSize(64).epochs(20).workers(4).
  validate(testing).metric("accuracy", Metrics.accuracy(_, _)).
  printEpochs().
  fit(training)
// => validation loss
// %% The history as a table
println(result.table())
// => accuracy
// %% Loss and accuracy as a chart
println(result.html())
// => <svg
// %% Predictions
val predictions = result.classify(testing).select("digit", "prediction", "probability")
val right = predictions.where("digit = prediction").count()
println(right > 335)
predictions.select("digit", "prediction").limit(10).show()
// => true
// => digit
// %% Which digit was taken for which
println(result.confusionMatrix(testing).table())
// => 9
// %% Save and load
val path = java.nio.file.Files.createTempDirectory("digits").resolve("digits.safetensors").toString
result.save(path)
val loaded = TrainedModel.load(() => new Sequential(new Linear(64, hidden), new ReLU(), new Linear(hidden, 10)), path)
println(loaded.classify(testing).where("digit = prediction").count() == right)
// => true
// %% In a fit of one's own: a run in the background
val run = SparkTrainer.of(() => new Linear(64, 10)).
  loss(Losses.crossEntropy(_, _)).optimizer(new Adam(0.01)).
  features("pixels").label("digit").epochs(1000).
  start(training)
run.stop()
println(run.await().stopReason)
// => its user stopped it

"""Train the forecast once. Your work: let MLflow keep what goes in and what comes out. The README leads you."""

import forecast
import mlflow

TEST_SHARE = 0.2
SEED = 7
HYPERPARAMETERS = {"max_iter": 100, "learning_rate": 0.1, "max_depth": 6}


def main() -> None:
    """Read, split, train, predict."""
    mlflow.log_params({**HYPERPARAMETERS, "seed": SEED, "test_share": TEST_SHARE})
    rentals = forecast.read()
    dataset = mlflow.data.from_pandas(rentals, source=forecast.DATA, name="rentals", digest=forecast.fingerprint())
    mlflow.log_input(dataset, context="training")
    training, test = forecast.split(rentals, TEST_SHARE, SEED)
    model = forecast.train(training, **HYPERPARAMETERS, random_state=SEED)
    predicted = model.predict(forecast.inputs(test))
    mlflow.log_metrics(forecast.errors(test, predicted))
    for trees, rmse in forecast.learning_curve(model, test):
        mlflow.log_metric("test_rmse", rmse, step=trees)
    print(forecast.errors(test, predicted))
    mlflow.log_figure(forecast.picture(test, predicted), "predictions.png")
    seen = forecast.inputs(training)
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=mlflow.models.infer_signature(seen, model.predict(seen)),
        input_example=seen.head(3),
        pip_requirements=["scikit-learn", "skops", "pandas"],
        skops_trusted_types=["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
    )


if __name__ == "__main__":
    mlflow.set_experiment("bike-demand")
    with mlflow.start_run(run_name="first forecast"):
        main()

"""Train the forecast once. Your work: let MLflow keep what goes in and what comes out. The README leads you."""

import forecast

TEST_SHARE = 0.2
SEED = 7
HYPERPARAMETERS = {"max_iter": 100, "learning_rate": 0.1, "max_depth": 6}


def main() -> None:
    """Read, split, train, predict."""
    # TODO 2: log every hyperparameter, the seed and the share of the test rows
    rentals = forecast.read()
    # TODO 6: log the data set
    training, test = forecast.split(rentals, TEST_SHARE, SEED)
    model = forecast.train(training, **HYPERPARAMETERS, random_state=SEED)
    predicted = model.predict(forecast.inputs(test))
    # TODO 3: log the errors, and the learning curve
    print(forecast.errors(test, predicted))
    # TODO 4: log a picture
    # TODO 5: log the model, with a signature and an input example


if __name__ == "__main__":
    # TODO 1: import mlflow, name the experiment, and start a run around the work
    main()

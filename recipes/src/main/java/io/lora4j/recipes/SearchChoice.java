package io.lora4j.recipes;

import java.util.ArrayList;
import java.util.List;

/**
 * How settings are chosen: every method gets the same number of trials on the same part of the training set, and is judged on the part that was
 * held out. Immutable.
 *
 * @param learningRates the rates for every method that does not name others in its grid
 * @param trials candidates of every method
 * @param seed the seed of the search's trials, and of the draw of candidates
 * @param holdout share of the training examples that is held out, above 0 and below 1
 * @param strategy how trials are spent
 * @param eta halving keeps one candidate of so many, and gives it so many times the steps; at least 2
 * @param epochs epochs of a trial; 0 for the recipe's
 * @param steps optimiser steps of a trial; 0 if epochs count
 */
public record SearchChoice(
        List<Double> learningRates,
        int trials,
        long seed,
        double holdout,
        Strategy strategy,
        int eta,
        int epochs,
        long steps) {
    /** How trials are spent. */
    public enum Strategy {
        /** Every candidate gets the whole budget. */
        GRID,
        /** Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943): short trials for all, longer ones for the best. */
        HALVING
    }

    /** Copies the list. */
    public SearchChoice {
        learningRates = List.copyOf(learningRates);
    }

    /**
     * A round of a search.
     *
     * @param candidates how many of every method
     * @param share of the steps of a whole trial, above 0 and at most 1
     */
    public record Rung(int candidates, double share) {
        /**
         * Steps of a trial.
         *
         * @param whole those of a whole trial
         * @return at least 1
         */
        public long steps(long whole) {
            return Math.max(1, Math.round(share * whole));
        }
    }

    /**
     * The rounds. A grid has one. Halving begins with all candidates and keeps one of {@code eta}, rounded down, for the next round, which has
     * {@code eta} times the steps; a round of a single candidate would decide nothing and would be the first with the whole budget (the brackets
     * of Li et al. 2018, arXiv 1603.06560, without their last round).
     *
     * @return at least one, the shortest trials first
     */
    public List<Rung> rungs() {
        if (strategy == Strategy.GRID || trials < 2) {
            return List.of(new Rung(trials, 1));
        }
        List<Integer> sizes = new ArrayList<>();
        for (int size = trials; size >= 2; size /= eta) {
            sizes.add(size);
        }
        List<Rung> rungs = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            rungs.add(new Rung(sizes.get(i), Math.pow(eta, i - sizes.size())));
        }
        return rungs;
    }

    /**
     * The budget of a search's trial.
     *
     * @param train the recipe's budget
     * @return epochs or steps as the search says, else the recipe's
     */
    public Recipe.TrainChoice budget(Recipe.TrainChoice train) {
        return epochs == 0 && steps == 0 ? train : train.withBudget(epochs, steps);
    }

    /**
     * The strategy's name as recipes write it, for people.
     *
     * @return e.g. {@code grid}
     */
    public String describe() {
        return strategy == Strategy.HALVING ? "successive halving, eta " + eta : "grid";
    }
}

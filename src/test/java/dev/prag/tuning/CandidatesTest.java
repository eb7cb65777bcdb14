package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.TrainingSettings;
import dev.prag.parameterization.TrainingSettings.LossOn;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CandidatesTest {
    @ParameterizedTest
    @EnumSource(Scope.class)
    void bothScopesAreTriedWhicheverTheRecipeHas(Scope scope) {
        Recipe recipe = Recipe.load("general");
        TrainingSettings base = recipe.training().within(scope);
        List<Candidate> candidates = Candidates.of(base);
        assertEquals(base, candidates.getFirst().training());
        Set<String> hashes = new HashSet<>();
        Set<Scope> scopes = new HashSet<>();
        for (Candidate candidate : candidates) {
            TrainingSettings training = candidate.training();
            // What can't be trained so is refused here.
            assertTrue(hashes.add(recipe.with(training).hash()), candidate.name());
            scopes.add(recipe.with(training).trainingRecipe().scope());
            assertEquals(training.scope() == Scope.ANSWER ? LossOn.ANSWER : LossOn.ALL, training.lossOn());
        }
        assertEquals(2, scopes.size());
    }
}

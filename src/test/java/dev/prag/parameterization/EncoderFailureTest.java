package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.service.Result;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.Encoding;
import dev.prag.corpus.FailedPassage;
import dev.prag.database.DatabaseResource;
import dev.prag.llm.FragileDevice;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.Projection;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.training.Trainer;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose fault it is: a passage's, which fails alone, or everybody's, which ends the run and costs no passage a try. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EncoderFailureTest extends EncoderSetup {
    @Test
    void aTrainingThatDivergesStoresNothing() throws IOException {
        ingestDemo(2);
        use(recipe -> ((ObjectNode) recipe.get("training")).put("learningRate", 1_000_000));
        int before = store.list().size();
        EncodingSummary summary = encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        assertEquals(0, summary.trained());
        assertEquals(2, summary.givenUp());
        assertEquals(2, summary.failures(), "it would diverge again");
        assertEquals(2, counts().failed());
        assertEquals(before, store.list().size());
        String error = failures().getFirst().error();
        assertTrue(error.contains("diverged") && error.contains("smaller learningRate"), error);
        assertTrue(error.matches(".*last steps were .*\\d.*"), error);
    }

    /** A runtime whose device stops working as soon as a training begins. */
    private ModelRuntime onALostDevice() {
        FragileDevice fragile = new FragileDevice(new CpuDevice(1));
        LanguageModel opened = LanguageModel.open(runtime.folder(), fragile.device(), settings.dtype(), 1024);
        return new ModelRuntime(settings, null, store, null) {
            private boolean warned;

            @Override
            public synchronized String modelId() {
                return runtime.modelId();
            }

            @Override
            public synchronized LanguageModel languageModel() {
                return opened;
            }

            @Override
            public synchronized Trainer trainer() {
                if (warned) {
                    fragile.lose();
                }
                warned = true;
                return super.trainer();
            }
        };
    }

    @Test
    void aLostDeviceEndsTheEncoderForGoodAndCostsNoPassageAnAttempt() throws IOException {
        ingestDemo(2);
        ModelRuntime lost = onALostDevice();
        Encoder under = new Encoder(
                lost,
                own,
                queue,
                targets,
                claim,
                store,
                new Augmenter(new Scripted(), model, 8),
                model,
                augmentations,
                EncoderMetrics.unseen(),
                Duration.ofSeconds(20),
                8,
                UNBOUNDED);
        EncodingWorker worker = worker(under);
        worker.onStart(null);
        until(() -> worker.failure().isPresent());
        assertEquals(FragileDevice.LOSS, worker.failure().orElseThrow().getMessage());
        assertUntouched(2);
    }

    @Test
    void aModelThatCannotBeLoadedCostsNoPassageAnAttempt() throws IOException {
        ingestDemo(2);
        Encoder broken = new Encoder(
                new ModelRuntime(settings, null, store, null) {
                    @Override
                    public synchronized String modelId() {
                        return runtime.modelId();
                    }

                    @Override
                    public synchronized LanguageModel languageModel() {
                        throw new UserException("model.safetensors is cut off; copy it anew");
                    }
                },
                own,
                queue,
                targets,
                claim,
                store,
                new Augmenter(new Scripted(), model, 8),
                model,
                augmentations,
                EncoderMetrics.unseen(),
                Duration.ofSeconds(20),
                8,
                UNBOUNDED);
        UserException e = assertThrows(UserException.class, () -> broken.run(2, EncodingListener.NONE));
        assertTrue(e.getMessage().contains("cut off"), e.getMessage());
        assertUntouched(2);
    }

    @Test
    void aRecipeThatCannotBeAppliedCostsNoPassageAnAttempt() throws IOException {
        ingestDemo(2);
        Path init = folder.resolve("init");
        PeftFolder.write(
                Adapter.initial(runtime.folder().config().decoderShape(), 4, 32, EnumSet.of(Projection.GATE), 1),
                init,
                "x");
        use(recipe -> ((ObjectNode) recipe.get("training")).put("init", init.toString()));
        Scripted service = new Scripted();
        UserException e =
                assertThrows(UserException.class, () -> encoder(service, store).run(2, EncodingListener.NONE));
        assertTrue(e.getMessage().contains("init") && e.getMessage().contains("rank"), e.getMessage());
        assertEquals(0, service.asked.get());
        assertUntouched(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 404, 429, 0})
    void anEndpointThatCannotBeUsedCostsNoPassageAnAttempt(int status) throws IOException {
        ingestDemo(2);
        Scripted service = new Scripted() {
            @Override
            public Result<String> rewrite(String prompt) {
                throw switch (status) {
                    case 401 -> new AuthenticationException("wrong key");
                    case 404 -> new ModelNotFoundException("no such model");
                    case 429 -> new RateLimitException("too many requests");
                    default -> new IllegalStateException("the generation engine has stopped");
                };
            }
        };
        UserException e =
                assertThrows(UserException.class, () -> encoder(service, store).run(2, EncodingListener.NONE));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertUntouched(2);
    }

    @Test
    void whatAModelWroteIsKeptWithTheFailure() throws IOException {
        ingestDemo(1);
        Scripted service = new Scripted() {
            @Override
            public Result<String> pairs(String prompt) {
                return answer(prompt, "I'd rather not.");
            }
        };
        Heard heard = new Heard();
        EncodingSummary summary = encoder(service, store).run(2, heard);
        assertEquals(3, summary.failures());
        assertEquals(1, summary.givenUp());
        FailedPassage failed = failures().getFirst();
        assertTrue(failed.detail().contains("I'd rather not."), failed.detail());
        assertTrue(failed.error().contains("no question/answer pairs"), failed.error());
        assertEquals(3, heard.failures.size());
    }

    @Test
    void deletedWhileItIsAugmented() throws IOException {
        ingestDemo(2);
        String gone = documents.getFirst();
        Scripted service = new Scripted() {
            @Override
            Result<String> answer(String prompt, String text) {
                corpus.delete(gone);
                return super.answer(prompt, text);
            }
        };
        assertOneIsLeft(encoder(service, store));
    }

    @Test
    void deletedWhileItIsTrained() throws IOException {
        ingestDemo(2);
        String gone = documents.getFirst();
        Heard deleting = new Heard() {
            @Override
            public void onProgress(EncodingProgress progress) {
                if (progress.phase() == EncodingProgress.Phase.TRAINING) {
                    corpus.delete(gone);
                }
            }
        };
        EncodingSummary summary = encoder(new Scripted(), store).run(2, deleting);
        assertEquals(1, summary.trained());
        assertEquals(List.of(), deleting.failures);
        assertNothingUnknownIsStored();
    }

    @Test
    void deletedWhileItFails() throws IOException {
        ingestDemo(2);
        String gone = documents.getFirst();
        String text = demoText(0);
        Scripted service = new Scripted() {
            @Override
            public Result<String> pairs(String prompt) {
                if (prompt.contains(text)) {
                    corpus.delete(gone);
                    return answer(prompt, "none");
                }
                return super.pairs(prompt);
            }
        };
        assertOneIsLeft(encoder(service, store));
    }

    private void assertOneIsLeft(Encoder under) {
        Heard heard = new Heard();
        EncodingSummary summary = under.run(2, heard);
        assertEquals(1, summary.trained());
        assertEquals(0, summary.failures());
        assertEquals(List.of(), heard.failures);
        assertNothingUnknownIsStored();
    }

    private void assertNothingUnknownIsStored() {
        assertReady(1, own);
        Set<String> known =
                Set.copyOf(queue.list(null, null).stream().map(AdapterView::id).toList());
        assertTrue(store.list().stream().allMatch(entry -> known.contains(entry.id())));
    }

    @Test
    void adaptersThatTheStoreLostAreMadeAgainUnlessItLacksThemAll() throws IOException {
        ingestDemo(2);
        Encoder under = encoder(new Scripted(), store);
        under.run(2, EncodingListener.NONE);
        assertEquals(new StoreCheck.Found(0, false), check(false).repair(false));
        List<String> ids = queue.adapterIds(runtime.modelId(), own.current().hash(), "", 10);
        store.delete(ids.get(0));
        assertEquals(new StoreCheck.Found(1, true), check(false).repair(false));
        assertEquals(1, counts().pending());
        assertEquals(1, under.run(2, EncodingListener.NONE).trained());

        ids.forEach(store::delete);
        assertEquals(new StoreCheck.Found(2, false), check(false).repair(false), "it may be the wrong home");
        assertEquals(2, counts().ready());
        assertEquals(new StoreCheck.Found(2, true), check(false).repair(true));
        assertEquals(2, under.run(2, EncodingListener.NONE).trained());

        ids.forEach(store::delete);
        assertEquals(new StoreCheck.Found(2, true), check(true).repair(false), "the database lies in the home");
        assertEquals(2, under.run(2, EncodingListener.NONE).trained());
        assertReady(2, own);
    }

    @Test
    void aWorkerThatDiesOfAnErrorIsSeenAndItsPassagesAreFree() throws Exception {
        ingestDemo(1);
        Scripted service = new Scripted() {
            @Override
            public Result<String> rewrite(String prompt) {
                throw new OutOfMemoryError("of the test");
            }
        };
        EncodingWorker worker = worker(encoder(service, store));
        assertEquals(Optional.empty(), worker.failure());
        worker.onStart(null);
        until(() -> worker.failure().isPresent());
        assertEquals("of the test", worker.failure().orElseThrow().getMessage());
        assertUntouched(1);
        worker.onShutdown(null);
    }

    private void assertUntouched(int passages) {
        assertEquals(passages, counts().pending());
        assertEquals(0, counts().leased());
        String recipe = own.current().hash();
        QuarkusTransaction.requiringNew()
                .run(() -> Encoding.<Encoding>list("recipe", recipe).forEach(row -> assertEquals(0, row.attempts)));
    }

    /** The recipe of this test, changed. */
    private void use(Consumer<ObjectNode> change) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(own.current().toJson());
        change.accept(recipe);
        Path file = Files.writeString(folder.resolve("changed.json"), recipe.toString());
        own = new Recipes(runtime, settings, model, Optional.of(file.toString()));
    }
}

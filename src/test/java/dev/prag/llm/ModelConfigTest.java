package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.ModelConfig.RopeScaling;
import dev.prag.lora.DecoderShape.Dims;
import dev.prag.lora.Projection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** A smallest LLaMA, with these fields changed; a null takes a field away. */
    private static ModelConfig config(String changes) {
        String base = """
            {"model_type":"llama","vocab_size":100,"hidden_size":24,"intermediate_size":40,
            "num_hidden_layers":2,"num_attention_heads":6,"eos_token_id":3}\
            """;
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(base);
            JsonNode changed = JSON.readTree(changes.replace('\'', '"'));
            changed.properties().forEach(field -> {
                if (field.getValue().isNull()) {
                    json.remove(field.getKey());
                } else {
                    json.set(field.getKey(), field.getValue());
                }
            });
            return ConfigReader.read(new JsonFile("config.json", json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void readsTheReferenceModels() {
        ModelConfig llama = ReferenceModel.LLAMA_3_2.config();
        assertEquals(
                new ModelConfig(
                        "llama",
                        912,
                        64,
                        160,
                        3,
                        4,
                        2,
                        16,
                        1e-5f,
                        new RopeScaling(500000, RopeScaling.Type.LLAMA3, 32, 1, 4, 64),
                        1024,
                        true,
                        false,
                        false,
                        Optional.of(900),
                        List.of(904)),
                llama);
        ModelConfig newer = ReferenceModel.LLAMA_3_1.config();
        assertEquals(new RopeScaling(500000, RopeScaling.Type.LLAMA3, 8, 1, 4, 64), newer.rope());
        assertEquals(List.of(904, 900), newer.eosIds());
        assertFalse(newer.tiedEmbeddings());
        ModelConfig explicit = ReferenceModel.LLAMA_3.config();
        assertEquals(16, explicit.headDim());
        assertEquals(new Dims(48, 96), explicit.decoderShape().dims(Projection.Q));
        assertEquals(new Dims(48, 48), explicit.decoderShape().dims(Projection.K));
        assertEquals(new Dims(96, 48), explicit.decoderShape().dims(Projection.O));
        assertEquals(new Dims(112, 48), explicit.decoderShape().dims(Projection.DOWN));
        assertEquals(RopeScaling.plain(500000, 1024), explicit.rope());
        ModelConfig qwen = ReferenceModel.QWEN_2_5.config();
        assertEquals(12, qwen.headDim());
        assertTrue(qwen.hasBias(Projection.K));
        assertFalse(qwen.hasBias(Projection.O));
    }

    @Test
    void countsParameters() {
        ModelConfig demo = ModelFolder.open(Path.of("src/main/demo/model")).config();
        // The file of 11,547,040 bytes holds two bytes a parameter and a header.
        assertEquals(5_770_496, demo.parameters());
    }

    @Test
    void fillsInWhatIsLeftOut() {
        ModelConfig config = config("{}");
        assertEquals(6, config.kvHeads());
        assertEquals(4, config.headDim());
        assertEquals(1e-6f, config.rmsNormEps());
        assertEquals(RopeScaling.plain(10000, 2048), config.rope());
        assertFalse(config.tiedEmbeddings());
        assertEquals(Optional.empty(), config.bosId());
        assertEquals(
                "qwen2",
                config("{'model_type':null,'architectures':['Qwen2ForCausalLM']}")
                        .modelType());
        assertTrue(config("{'attention_bias':true}").hasBias(Projection.O));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {'rope_theta':20000}
        {'rope_parameters':{'rope_type':'default','rope_theta':20000}}
        {'rope_parameters':{'rope_theta':20000},'rope_theta':1}
        {'rope_theta':20000,'rope_scaling':{'type':'default'}}
        {'rope_theta':20000,'rope_parameters':{'rope_type':'default'}}
        {'rope_theta':20000,'rope_scaling':{'type':'default'},'rope_parameters':{'rope_type':'yarn','rope_theta':5}}
        {'rope_theta':5,'rope_scaling':{},'rope_parameters':{'rope_theta':20000}}
        {'rope_scaling':{'rope_theta':20000,'type':'yarn','rope_type':'default'}}
        """)
    void ropeHasSeveralSpellings(String changes) {
        assertEquals(RopeScaling.plain(20000, 2048), config(changes).rope());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {'model_type':'mistral'}|model_type mistral
        {'model_type':'qwen3'}|model_type qwen3
        {'model_type':7}|model_type is 7
        {'model_type':null}|no model_type
        {'architectures':['LlamaForSequenceClassification']}|LlamaForSequenceClassification
        {'architectures':'LlamaForCausalLM'}|architectures is "LlamaForCausalLM"
        {'use_sliding_window':true}|use_sliding_window
        {'layer_types':['full_attention','sliding_attention']}|sliding_attention
        {'mlp_bias':true}|mlp_bias
        {'hidden_act':'gelu'}|hidden_act gelu
        {'quantization_config':{'bits':4}}|quantization_config
        {'partial_rotary_factor':0.5}|partial_rotary_factor is 0.5
        {'rope_scaling':{'rope_type':'yarn','factor':4}}|rope_type yarn
        {'rope_scaling':{'type':'linear','factor':4}}|rope_type linear
        {'rope_parameters':{'rope_type':'dynamic'}}|rope_type dynamic
        {'rope_parameters':{'full_attention':{'rope_theta':1}}}|differs by layer type
        {'rope_scaling':5}|rope_scaling is 5
        {'rope_scaling':{'rope_type':'llama3','low_freq_factor':1,'high_freq_factor':4,'original_max_position_embeddings':64}}|no factor
        {'rope_scaling':{'rope_type':'llama3','factor':8,'high_freq_factor':4,'original_max_position_embeddings':64}}|no low_freq_factor
        {'rope_scaling':{'rope_type':'llama3','factor':8,'low_freq_factor':1,'original_max_position_embeddings':64}}|no high_freq_factor
        {'rope_scaling':{'rope_type':'llama3','factor':8,'low_freq_factor':1,'high_freq_factor':4}}|no original_max_position_embeddings
        {'rope_scaling':{'rope_type':'llama3','factor':8,'low_freq_factor':4,'high_freq_factor':4,'original_max_position_embeddings':64}}|high_freq_factor is 4
        {'rope_scaling':{'rope_type':'llama3','factor':0,'low_freq_factor':1,'high_freq_factor':4,'original_max_position_embeddings':64}}|factor is 0
        {'rope_theta':-1}|rope_theta is -1
        {'rope_theta':'big'}|rope_theta is "big"
        {'vocab_size':0}|vocab_size is 0
        {'vocab_size':null}|no vocab_size
        {'vocab_size':99999999999}|vocab_size is 99999999999
        {'vocab_size':'100'}|vocab_size is "100"
        {'hidden_size':-24}|hidden_size is -24
        {'hidden_size':24.5}|hidden_size is 24.5
        {'hidden_size':2000000000}|hidden_size is 2000000000
        {'intermediate_size':0}|intermediate_size is 0
        {'num_hidden_layers':0}|num_hidden_layers is 0
        {'num_hidden_layers':100000}|num_hidden_layers is 100000
        {'num_attention_heads':0}|num_attention_heads is 0
        {'num_attention_heads':5}|hidden_size is 24
        {'num_attention_heads':6,'num_key_value_heads':4}|num_attention_heads is 6
        {'num_key_value_heads':0}|num_key_value_heads is 0
        {'num_key_value_heads':12}|num_attention_heads is 6
        {'head_dim':3}|head_dim is 3
        {'head_dim':0}|head_dim is 0
        {'num_attention_heads':16000,'num_key_value_heads':1,'head_dim':16000}|num_attention_heads is 16000
        {'num_attention_heads':8}|odd size 3
        {'rms_norm_eps':0}|rms_norm_eps is 0
        {'rms_norm_eps':-1e-5}|rms_norm_eps is -
        {'max_position_embeddings':0}|max_position_embeddings is 0
        {'eos_token_id':100}|eos_token_id is 100
        {'eos_token_id':[1,-1]}|eos_token_id is -1
        {'bos_token_id':'<s>'}|bos_token_id is "<s>"
        {'tie_word_embeddings':'yes'}|tie_word_embeddings is "yes"
        """)
    void whatCannotBeIsRefusedByName(String changes, String cause) {
        UserException e = assertThrows(UserException.class, () -> config(changes));
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        assertTrue(e.getMessage().startsWith("config.json"), e.getMessage());
        assertTrue(e.getMessage().contains("; "), "no remedy: " + e.getMessage());
    }
}

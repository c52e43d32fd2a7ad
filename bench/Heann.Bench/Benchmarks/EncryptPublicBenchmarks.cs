namespace Heann.Bench.Benchmarks;

/// <summary>Plaintext → ciphertext, with the public key.</summary>
public class EncryptPublicBenchmarks() : RowBenchmarks("encryptPk");

namespace Heann.Bench.Benchmarks;

/// <summary>Plaintext → ciphertext, with the secret key.</summary>
public class EncryptSecretBenchmarks() : RowBenchmarks("encryptSk");

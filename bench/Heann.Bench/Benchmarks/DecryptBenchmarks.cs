namespace Heann.Bench.Benchmarks;

/// <summary>Ciphertext → plaintext polynomial, without decoding.</summary>
public class DecryptBenchmarks() : RowBenchmarks("decrypt");

namespace Heann.Gpu;

/// <summary>What has crossed the bus since a backend was opened.</summary>
/// <param name="UploadCount">Copies to the device: polynomials, constants, tables of a call.</param>
/// <param name="UploadedBytes">Their bytes.</param>
/// <param name="DownloadCount">Copies from the device.</param>
/// <param name="DownloadedBytes">Their bytes.</param>
public readonly record struct GpuTransfers(long UploadCount, long UploadedBytes, long DownloadCount, long DownloadedBytes);

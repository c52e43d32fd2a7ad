using Heann.Examples;

// dotnet run -c Release --project examples -- 02   (all chapters without a number)
string start = args.FirstOrDefault() ?? "";
string[] chosen = [.. Chapters.All.Keys.Where(name => name.StartsWith(start, StringComparison.Ordinal))];
foreach (string name in chosen)
{
    Console.WriteLine($"== {name}");
    Chapters.All[name](Console.Out);
}

if (chosen.Length == 0)
{
    Console.Error.WriteLine($"There is no chapter {start}; there are {string.Join(", ", Chapters.All.Keys)}.");
}

return chosen.Length > 0 ? 0 : 2;

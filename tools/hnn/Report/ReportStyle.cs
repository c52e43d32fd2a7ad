namespace Hnn.Tool.Report;

/// <summary>The style sheet of a report: light or dark by the reader's system, one column or two by width, black on white in
/// print.</summary>
internal static class ReportStyle
{
    /// <summary>CSS, inline in the page.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --paper: #f7f7f4; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --rule: #d8dbe0;
          --s1: #2563a8; --s2: #c2570c; --s3: #0f766e; --s4: #7c3aad; --good: #2563a8; --bad: #c2570c; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #101317; --card: #181c22; --ink: #e7eaee; --soft: #9aa4b0; --rule: #313842;
            --s1: #6fb0f2; --s2: #f2a052; --s3: #4fc7b5; --s4: #c79bf0; --good: #6fb0f2; --bad: #f2a052; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1160px; padding: 24px 16px 48px; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; } h2 { font-size: 1.05rem; margin: 0 0 6px; }
        .lead, figcaption, caption, summary { color: var(--soft); } .lead { margin: 0 0 20px; }
        .tiles { display: grid; grid-template-columns: repeat(2, 1fr); gap: 12px; margin: 0 0 16px; padding: 0; list-style: none; }
        .tiles li, figure, section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        .tiles li { padding: 10px 14px; } .tiles b { display: block; font-size: 1.35rem; line-height: 1.3;
          font-variant-numeric: tabular-nums; }
        .tiles span { color: var(--soft); font-size: 0.85rem; display: block; }
        @media (min-width: 700px) { .tiles { grid-template-columns: repeat(4, 1fr); } }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 16px; align-items: start; }
        figure, section { margin: 0; padding: 14px 16px; min-width: 0; } main > section { margin-top: 16px; }
        svg { display: block; width: 100%; height: auto; margin: 6px 0; } figcaption { font-size: 0.87rem; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0; padding: 0; list-style: none; font-size: 0.85rem; }
        .swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; background: currentColor; }
        .swatch.ideal, .swatch.learned { height: 0; width: 16px; border-top: 2px dashed var(--soft); border-radius: 0; background: none;
          vertical-align: middle; }
        .swatch.s1 { background: var(--s1); } .swatch.s2 { background: var(--s2); } .swatch.s3 { background: var(--s3); }
          .swatch.s4 { background: var(--s4); }
        .swatch.right { background: var(--good); } .swatch.wrong { background: var(--bad); }
        text { font-size: 12px; fill: var(--ink); } text.tick { fill: var(--soft); font-size: 11.5px; } text.axis { fill: var(--soft); }
        text.cell { font-size: 15px; font-weight: 600; } text.middle { text-anchor: middle; } text.end { text-anchor: end; }
        .grid { stroke: var(--rule); } .divider { stroke: var(--soft); stroke-dasharray: 2 3; stroke-width: 0.7; }
        .ideal { stroke: var(--soft); stroke-dasharray: 5 4; stroke-width: 1.5; } .learned { stroke: var(--soft); stroke-dasharray: 5 4;
          stroke-width: 1.5; }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } circle.mark { stroke: var(--card); stroke-width: 0.8; }
        .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); } .line.s3 { stroke: var(--s3); } .line.s4 { stroke: var(--s4); }
        .mark.s1 { fill: var(--s1); } .mark.s2 { fill: var(--s2); } .mark.s3 { fill: var(--s3); } .mark.s4 { fill: var(--s4); }
        .mark.right { fill: var(--good); } .mark.wrong { fill: var(--bad); } .translucent { fill-opacity: 0.75; }
        .shade0 { fill-opacity: 0.06; } .shade1 { fill-opacity: 0.16; } .shade2 { fill-opacity: 0.26; } .shade3 { fill-opacity: 0.36; }
        .shade4 { fill-opacity: 0.46; } .shade5 { fill-opacity: 0.56; }
        details { margin-top: 8px; } summary { cursor: pointer; font-size: 0.87rem; } .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; width: 100%; overflow-wrap: normal; }
        caption { text-align: left; padding: 4px 0; } th, td { padding: 3px 8px; border-bottom: 1px solid var(--rule); text-align: right;
          white-space: nowrap; }
        th:first-child { text-align: left; padding-left: 0; } thead th { color: var(--soft); font-weight: 500; }
          tbody th { font-weight: 400; }
        dl { display: grid; grid-template-columns: minmax(90px, max-content) 1fr; gap: 4px 16px; margin: 0; font-size: 0.9rem; }
        dt { color: var(--soft); } dd { margin: 0; min-width: 0; } code { font-family: ui-monospace, "DejaVu Sans Mono", monospace;
          font-size: 0.92em; }
        @media print {
          :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb; --s1: #2563a8; --s2: #c2570c; --s3: #0f766e;
            --s4: #7c3aad;
            --good: #2563a8; --bad: #c2570c; }
          body { max-width: none; padding: 0; font-size: 11px; } table { font-size: 8px; }
            figure, section, .tiles li { break-inside: avoid; }
          details::details-content { content-visibility: visible; display: block; } .scroll { overflow: visible; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """;
}

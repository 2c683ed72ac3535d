using System.Globalization;

namespace CoEPortal.Governance.Intake;

/// <summary>A stretch of text that both revisions share, or that only one of them has.</summary>
public sealed record Wording(string Text, bool IsChanged);

/// <summary>One answer that reads differently. Either side is empty when there was no answer.</summary>
public sealed record FieldChange(string Section, string Field, IReadOnlyList<Wording> Before, IReadOnlyList<Wording> After);

/// <summary>What a newer revision says differently, answer by answer and word by word, in the words of the form. Pure.</summary>
public sealed record ProposalDiff(IReadOnlyList<FieldChange> Changes, IReadOnlyList<string> Unchanged)
{
    // Below this share of common words, marks in every line read worse than two whole sentences.
    private const double WorthMarking = 0.3;

    private const int ShortWord = 3;

    // Two answers of 4,000 letters, each a word of its own, would take 64 MB to compare and nobody could read the marks.
    private const int MostComparisons = 1_000_000;

    public static ProposalDiff Between(Proposal before, Proposal after)
    {
        var older = Answers(before).ToDictionary(a => a.Field);
        var newer = Answers(after).ToDictionary(a => a.Field);
        var changes = new List<FieldChange>();
        var unchanged = new List<string>();
        foreach (var (section, field) in newer.Values.Concat(older.Values).Select(a => (a.Section, a.Field)).Distinct())
        {
            var (was, now) = (older.GetValueOrDefault(field)?.Text ?? "", newer.GetValueOrDefault(field)?.Text ?? "");
            if (was != now)
            {
                var (left, right) = Compare(was, now);
                changes.Add(new FieldChange(section, field, left, right));
            }
            else if (now.Length > 0)
            {
                unchanged.Add(field);
            }
        }

        return new ProposalDiff(changes, unchanged);
    }

    /// <summary>The two texts cut where they part: joined again, each side is its whole text.</summary>
    public static (IReadOnlyList<Wording> Before, IReadOnlyList<Wording> After) Compare(string before, string after)
    {
        var (left, right) = (Words(before), Words(after));
        if ((long)left.Count * right.Count > MostComparisons)
        {
            return (Whole(before), Whole(after));
        }

        var common = Common(left, right);
        var shared = common.Count(pair => !string.IsNullOrWhiteSpace(left[pair.Left]));
        var longer = Math.Max(left.Count(w => !string.IsNullOrWhiteSpace(w)), right.Count(w => !string.IsNullOrWhiteSpace(w)));
        if (longer == 0 || shared < WorthMarking * longer)
        {
            return (Whole(before), Whole(after));
        }

        return (Joined(left, [.. common.Select(p => p.Left)]), Joined(right, [.. common.Select(p => p.Right)]));
    }

    private static IReadOnlyList<Wording> Whole(string text) => text.Length == 0 ? [] : [new Wording(text, true)];

    // Words and the spaces between them are separate, so that a mark never swallows the space after a word.
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start + 1;
            while (end < text.Length && char.IsWhiteSpace(text[end]) == char.IsWhiteSpace(text[start]))
            {
                end++;
            }

            words.Add(text[start..end]);
            start = end;
        }

        return words;
    }

    // The longest common subsequence.
    private static List<(int Left, int Right)> Common(List<string> left, List<string> right)
    {
        var length = new int[left.Count + 1, right.Count + 1];
        for (var i = left.Count - 1; i >= 0; i--)
        {
            for (var j = right.Count - 1; j >= 0; j--)
            {
                length[i, j] = left[i] == right[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        var pairs = new List<(int, int)>();
        for (int i = 0, j = 0; i < left.Count && j < right.Count;)
        {
            if (left[i] == right[j])
            {
                pairs.Add((i++, j++));
            }
            else if (length[i + 1, j] >= length[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return pairs;
    }

    private static List<Wording> Joined(List<string> words, HashSet<int> common)
    {
        var changed = words.Select((_, at) => !common.Contains(at)).ToArray();
        for (var from = 0; from < words.Count;)
        {
            var to = from;
            while (to < words.Count && changed[to] == changed[from])
            {
                to++;
            }

            // One short word or a space that both happen to share would cut one change into many.
            if (!changed[from] && from > 0 && to < words.Count && string.Concat(words[from..to]).Trim().Length <= ShortWord)
            {
                changed.AsSpan(from, to - from).Fill(true);
            }

            from = to;
        }

        // A mark never reaches over the space before or after the words it is about.
        var outer = words.Select((word, at) => string.IsNullOrWhiteSpace(word)
            && (at == 0 || at == words.Count - 1 || !changed[at - 1] || !changed[at + 1])).ToList();
        var runs = new List<Wording>();
        foreach (var (word, isChanged) in words.Select((word, at) => (word, changed[at] && !outer[at])))
        {
            if (runs.Count > 0 && runs[^1].IsChanged == isChanged)
            {
                runs[^1] = new Wording(runs[^1].Text + word, isChanged);
            }
            else
            {
                runs.Add(new Wording(word, isChanged));
            }
        }

        return runs;
    }

    private static IEnumerable<Answer> Answers(Proposal p)
    {
        const string Problem = "Problem and owners", Figures = "KPI and baseline", Data = "Data and guardrails", Law = "What the law asks", Stopping = "Kill criteria";
        yield return new(Problem, "Name", p.Title);
        yield return new(Problem, "What is wrong today", p.Problem);
        yield return new(Problem, "Who will use it", p.Users);
        yield return new(Problem, "Business unit", p.BusinessUnit);
        yield return new(Problem, "Business owner", p.BusinessOwner);
        yield return new(Problem, "Operational owner", p.OperationalOwner);
        yield return new(Figures, "Figure that will change", p.Kpi.Metric);
        yield return new(Figures, "Promise", Promise(p.Kpi));
        yield return new(Figures, "What must not get worse", p.Kpi.Guard);
        yield return new(Figures, "How often in a month", Number(p.CasesPerMonth));
        yield return new(Data, "Most sensitive data", p.DataClass?.ToString() ?? "");
        yield return new(Data, "Personal data", p.PersonalData switch
        {
            Intake.PersonalData.None => "No",
            Intake.PersonalData.Ordinary => "Yes, ordinary",
            Intake.PersonalData.Special => "Yes, special",
            _ => "",
        });
        yield return new(Data, "Processed in", p.Residency switch
        {
            Intake.Residency.EuOnly => "EU only",
            Intake.Residency.EuAndUk => "EU and UK",
            Intake.Residency.Anywhere => "Anywhere",
            _ => "",
        });
        yield return new(Data, "Endpoints it may call", string.Join(", ", p.Endpoints));
        yield return new(Data, "Data sources", string.Join(", ", p.DataSources));
        yield return new(Data, "Data is there", p.DataReadiness switch
        {
            Intake.DataReadiness.Ready => "Ready",
            Intake.DataReadiness.Partly => "Partly",
            Intake.DataReadiness.NotYet => "Not yet",
            _ => "",
        });
        yield return new(Data, "How far it goes by itself", p.Autonomy switch
        {
            Intake.Autonomy.Assists => "It assists: a person reads each output before it has any effect",
            Intake.Autonomy.Recommends => "It recommends: a person decides on its score or ranking",
            Intake.Autonomy.ActsWithConfirmation => "It acts once confirmed",
            Intake.Autonomy.ActsAlone => "It acts alone",
            _ => "",
        });
        yield return new(Data, "Who sees what it makes", p.Audience switch
        {
            Intake.Audience.Team => "One team",
            Intake.Audience.Organisation => "The organisation",
            Intake.Audience.Customers => "Customers",
            Intake.Audience.Public => "The public",
            _ => "",
        });
        yield return new(Data, "People affected per month", Number(p.PeopleAffectedPerMonth));
        yield return new(Law, "Area of Annex III", p.AnnexArea is { } area ? Spaced(area) : "");
        yield return new(Law, "Profiles people", YesNo(p.ProfilesPeople));
        yield return new(Law, "Exemption of Art. 6(3)", p.Exemption is Article6Exemption.None ? "" : Spaced(p.Exemption));
        yield return new(Law, "Its reason", p.ExemptionReason);
        yield return new(Law, "Prohibited practices", string.Join("; ", p.Practices.Select(practice => Spaced(practice))));
        yield return new(Law, "Role under the AI Act", p.Role is { } role ? Spaced(role) : "");
        yield return new(Law, "General-purpose AI", p.Gpai is { } gpai ? Spaced(gpai) : "");
        yield return new(Law, "Rights or safety", p.Impact switch
        {
            Intake.Impact.Neither => "Impacts neither",
            Intake.Impact.Rights => "Impacts rights",
            Intake.Impact.Safety => "Impacts safety",
            Intake.Impact.Both => "Impacts both",
            Intake.Impact.Undecided => "Not decided",
            _ => "",
        });
        yield return new(Data, "People talk with it", YesNo(p.InteractsWithPeople));
        yield return new(Data, "It is published", YesNo(p.PublishesContent));
        yield return new(Data, "How it sounds", p.Tone);
        yield return new(Data, "When stopped or unsure", p.FailSafe switch
        {
            Intake.FailSafe.TodaysWay => "Today's way",
            Intake.FailSafe.SecondPerson => "A second person",
            Intake.FailSafe.WorkWaits => "Nothing, the work waits",
            _ => "",
        });
        foreach (var (criterion, index) in p.KillCriteria.Select((c, i) => (c, i)))
        {
            yield return new(Stopping, $"Kill criterion K{index + 1}", Sentence(criterion));
        }
    }

    private static string Promise(Kpi kpi) => (kpi.Baseline, kpi.Target, kpi.Deadline) is (null, null, null)
        ? ""
        : $"From {Number(kpi.Baseline)} to {Number(kpi.Target)} {kpi.Unit} by {kpi.Deadline?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) ?? "no day yet"}";

    private static string Sentence(KillCriterion criterion)
    {
        if (criterion.InWords() is { } measured)
        {
            return criterion.Description.Length > 0 ? $"{measured}: {criterion.Description}" : measured;
        }

        var window = criterion.Window switch
        {
            KillCriterionWindow.Day => "in a day",
            KillCriterionWindow.Month => "in a calendar month",
            _ => "in total",
        };
        var limit = criterion.Kind is KillCriterionKind.Budget
            ? $"More than ${Number(criterion.Limit)} {window}"
            : $"More than {Number(criterion.Limit)} % wrong {window}, of at least {Number(criterion.MinimumSample)} read";
        return criterion.Description.Length > 0 ? $"{limit}: {criterion.Description}" : limit;
    }

    private static string Number(decimal? value) => value?.ToString("#,0.######", CultureInfo.InvariantCulture) ?? "";

    private static string YesNo(bool answer) => answer ? "Yes" : "No";

    // "InsurancePricing" becomes "Insurance pricing".
    /// <summary>WrongOutput: Wrong output.</summary>
    internal static string Spaced(Enum value) => string.Concat(value.ToString().Select((letter, index) =>
        index > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : letter.ToString()));

    private sealed record Answer(string Section, string Field, string Text);
}

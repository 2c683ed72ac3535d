using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.KillSwitches;

namespace CoEPortal.Web.Components;

/// <summary>What the audit log holds, as a person would say it: an icon, a tone and a sentence for each kind of event.</summary>
public static class EventInWords
{
    private static readonly Dictionary<string, Func<Telling, Told>> Sentences = new()
    {
        ["UseCaseStarted"] = e => new("add_circle", Tone.Neutral, $"{e.UseCase("Draft")} started"),
        ["ProposalSubmitted"] = e => new("send", Tone.Info, $"{e.UseCase(e.Revision)} submitted",
            $"{e.IfNamed($"{e.Revision}, ")}{LaneName(e.Choice<Lane>("lane"))}, {RiskName(e.Choice<RiskClass>("riskClass"))}, rules {e["rulesVersion"]}"),
        ["ProposalNotAllowed"] = e => new("block", Tone.Bad, $"{e.UseCase(e.Revision)} is not allowed", string.Join(", ", e.All("articles"))),
        ["ProposalWithdrawn"] = e => new("undo", Tone.Neutral, $"{e.UseCase(e.Revision)} withdrawn", e["reason"]),
        ["EditorInvited"] = e => new("person_add", Tone.Neutral, $"{e["editorName"]} invited to write{e.IfNamed($" on {e.Key}")}"),
        ["EditorTakenOff"] = e => new("person_remove", Tone.Neutral, $"{e["editorName"]} taken off{e.IfNamed($" {e.Key}")} as editor", e["reason"]),
        ["UseCaseApproved"] = e => new("verified", Tone.Good, $"{e.UseCase(e.Revision)} approved",
            e.Named ? $"{e.Revision}, {LaneName(e.Choice<Lane>("lane"))}"
            : e.Choice<Lane>("lane") is Lane.Fast ? "Cleared by rule, without a reviewer"
            : $"By every function of the {LaneName(e.Choice<Lane>("lane"))}"),
        ["UseCaseCleared"] = e => new("bolt", Tone.Good, $"{e.UseCase(e.Revision)} cleared by {e["pattern"]} version {e["patternVersion"]}", e["isSampled"] == "true" ? $"Case {e["number"]} of this pattern, a sample" : $"Case {e["number"]} of this pattern"),
        ["ClearanceReviewed"] = e => e["outcome"] == "confirmed"
            ? new("task_alt", Tone.Good, $"Sample{e.IfNamed($" of {e.Key}")} confirmed", e["note"])
            : new("block", Tone.Bad, $"Sample{e.IfNamed($" of {e.Key}")} objected to", e["note"]),
        ["ApprovalEnded"] = e => new("block", Tone.Bad, $"Approval of {e.UseCase(Lowered(e.Revision))} ended", e["detail"]),
        ["OverrideProposed"] = e => new("gavel", Tone.Info, $"Override O{e["number"]}{e.IfNamed($" of {e.Key}")} proposed: {Instead(e)}", e["reason"]),
        ["OverrideConfirmed"] = e => new("gavel", Tone.Warning, $"Override O{e["number"]}{e.IfNamed($" of {e.Key}")} confirmed: {Instead(e)}", e["note"]),
        ["OverrideRefused"] = e => new("block", Tone.Neutral, $"Override O{e["number"]}{e.IfNamed($" of {e.Key}")} refused", e["note"]),
        ["OverrideEnded"] = e => new("undo", Tone.Neutral, $"Override O{e["number"]}{e.IfNamed($" of {e.Key}")} ended", e["reason"]),
        ["CandidateAdded"] = e => new("travel_explore", Tone.Neutral, $"Candidate {e["candidate"]} added", $"Value {e["value"]}, feasibility {e["feasibility"]}"),
        ["CandidateChanged"] = e => new("travel_explore", Tone.Neutral, $"Candidate {e["candidate"]} changed", $"Value {e["value"]}, feasibility {e["feasibility"]}"),
        ["CandidateSetAside"] = e => new("archive", Tone.Neutral, $"Candidate {e["candidate"]} set aside", e["reason"]),
        ["CandidateReopened"] = e => new("undo", Tone.Neutral, $"Candidate {e["candidate"]} opened again"),
        ["CandidateProposed"] = e => new("edit_note", Tone.Info, $"Candidate {e["candidate"]} became a one-pager{e.IfNamed($", {e.Key}")}"),
        ["DataSourceRegistered"] = e => new("database", Tone.Neutral, $"Data source {e["source"]} registered", $"{Spaced(e["dataClass"])} data"),
        ["DataSourceChanged"] = e => new("database", Tone.Neutral, $"Data source {e["source"]} changed", $"{Spaced(e["dataClass"])} data, {InWords.Count(e.Number("flows"), "flow")} across a border"),
        ["DataSourceGiven"] = e => new("person_add", Tone.Neutral, $"Data source {e["source"]} is {e["ownerName"]}’s now"),
        ["DataSourceRetired"] = e => new("history", Tone.Neutral, $"Data source {e["source"]} is no longer there"),
        ["DocumentAdded"] = e => new("attach_file", Tone.Neutral, $"Document D{e["number"]} “{e["title"]}” added{e.IfNamed($" to {e.Key}")}", $"{e["fileName"]}, {e["contentHash"]}"),
        ["DocumentWithdrawn"] = e => new("block", Tone.Neutral, $"Document D{e["number"]}{e.IfNamed($" of {e.Key}")} withdrawn", e["reason"]),
        ["ShareLinkMade"] = e => new("share", Tone.Info, $"Link for reading {e.UseCase(Lowered(e.Revision))} made, until {Day(e["expiresAt"])}", e["label"]),
        ["ShareLinkOpened"] = e => new("visibility", Tone.Neutral, $"{e.UseCase(e.Revision)} read through a link"),
        ["ShareLinkRevoked"] = e => new("link_off", Tone.Neutral, $"Link for reading {e.UseCase(Lowered(e.Revision))} revoked"),
        ["PolicyPublished"] = e => new("publish", Tone.Info, $"Policy {e["policy"]} published, version {e["number"]}", $"Holds from {e["effectiveOn"]}"),
        ["PolicyAcknowledged"] = e => new("task_alt", Tone.Good, $"Policy {e["policy"]} acknowledged, version {e["number"]}"),
        ["PatternStarted"] = e => new("bolt", Tone.Neutral, $"Pattern {e["pattern"]} started"),
        ["PatternPublished"] = e => new("verified", Tone.Good, $"Pattern {e["pattern"]} published, version {e["number"]}", $"Good until {e["expiresOn"]}"),
        ["PatternWithdrawn"] = e => new("block", Tone.Warning, $"Pattern {e["pattern"]} withdrawn for good", e["reason"]),
        ["PatternGiven"] = e => new("person_add", Tone.Neutral, $"Pattern {e["pattern"]} is {e["ownerName"]}’s now"),
        ["UseCaseWentIntoService"] = e => new("rocket_launch", Tone.Good, $"{e.UseCase("Use case")} went into service", e.Revision),
        ["UseCaseRegistered"] = e => new("upload_file", Tone.Neutral, $"{e.UseCase("Use case")} taken over from an inventory",
            $"{LaneName(e.Choice<Lane>("lane"))}, line {e["line"]}, mapping {e["mapping"]}, rules {e["rulesVersion"]}"),
        ["InventoryImported"] = e => new("upload_file", Tone.Info, $"Inventory imported: {InWords.Count(e.Number("imported"), "use case")} of {InWords.Count(e.Number("rows"), "row")}",
            $"{e["refused"]} refused, {e["unchanged"]} known already. Mapping {e["mapping"]}"),
        ["ImportMappingSaved"] = e => new("table_rows", Tone.Neutral, $"Mapping {e["name"]} for imports saved"),
        ["StageGateAnswered"] = e => new("edit_note", Tone.Neutral, $"Stage gate {Lowered(Spaced(e["gate"]))}{e.IfNamed($" of {e.Key}")} answered", $"Answer {e["number"]}, questions {e["rulesVersion"]}. {e["evidence"]}"),
        ["StageGateDecided"] = e => new(
            e["outcome"] switch { "passed" => "check_circle", "killed" => "cancel", _ => "undo" }, e["outcome"] switch { "passed" => Tone.Good, "killed" => Tone.Bad, _ => Tone.Warning },
            $"Stage gate {Lowered(Spaced(e["gate"]))}{e.IfNamed($" of {e.Key}")} {Lowered(Spaced(e["outcome"]))}", e["reason"]),
        ["PhaseMoved"] = e => new("moving", Tone.Info, $"{e.UseCase("It")} moved to {Lowered(Spaced(e["to"]))}", $"{(e["from"] is { Length: > 0 } from ? $"From {Lowered(Spaced(from))}. " : "")}{e["reason"]}"),
        ["KpiReadingEntered"] = e => new("add_chart", Tone.Neutral, $"Reading{e.IfNamed($" of {e.Key}")} {(e["arm"] == "withAi" ? "with" : "without")} AI entered: {e["mean"]}", $"Mean of {e["sample"]} cases, measured on {e["measuredOn"]}{(e["pushedBy"] is { Length: > 0 } token ? $", pushed by {token}" : "")}"),
        ["KpiWorthStated"] = e => new("payments", Tone.Neutral, $"A unit of the KPI{e.IfNamed($" of {e.Key}")} stated to be worth {e["perUnit"]} {e["currency"]}", $"Source: {e["source"]}"),
        ["KpiReadingWithdrawn"] = e => new("undo", Tone.Neutral, $"Reading{e.IfNamed($" of {e.Key}")} {(e["arm"] == "withAi" ? "with" : "without")} AI taken back: {e["mean"]}"),
        ["UseCaseStopped"] = e => new("cancel", Tone.Warning, $"{e.UseCase("It")} ended for good", $"{e["reason"]} It taught: {e["lesson"]}"),
        ["GraceGranted"] = e => new("hourglass_top", Tone.Warning, $"{e.UseCase("It")} may run without an approval until {Day(e["until"])}", e["reason"]),
        ["GraceEnded"] = e => new("hourglass_bottom", Tone.Neutral, $"Grace{e.IfNamed($" of {e.Key}")} ended", "Denied until it is approved"),
        ["ReviewOpened"] = e => new("fact_check", Tone.Info, $"Review of {e.UseCase(Lowered(e.Revision))} opened",
            e.Choices<Role>("functions").Any() ? $"{Joined([.. e.Choices<Role>("functions").Select(Name)])} decide" : "A rule decides"),
        ["DecisionRecorded"] = Decision,
        ["ReviewSettled"] = Settled,
        ["ReviewDisputed"] = e => new("gpp_maybe", Tone.Bad, $"Review of {e.UseCase(Lowered(e.Revision))} approved nothing",
            $"The workflow ended with “{e["outcome"]}”, but the decisions do not add up to that"),
        ["ReviewTaskClaimed"] = e => new("pan_tool", Tone.Neutral, $"{Name(e.Choice<Role>("function"))} task{e.IfNamed($" of {e.Key}")} taken",
            e["takenFrom"] is { Length: > 0 } before ? $"Over from {before}" : null),
        ["ReviewTaskReleased"] = e => new("undo", Tone.Neutral, $"{Name(e.Choice<Role>("function"))} task{e.IfNamed($" of {e.Key}")} given back", $"{e["releasedFrom"]} had it"),
        ["ReviewEscalated"] = e => new("alarm", Tone.Warning, $"{Name(e.Choice<Role>("function"))} is overdue{e.IfNamed($" on {e.Key}")}",
            $"The CoE lead was told for the {Ordinal(e["level"])} time"),
        ["VetoLifted"] = e => new("lock_open", Tone.Info, $"Veto of {Name(e.Choice<Role>("function"))} against {e.UseCase(Lowered(e.Revision))} lifted", e["reason"]),
        ["DelegationGiven"] = e => new("person_add", Tone.Neutral, $"{e["toName"]} stands in for {Name(e.Choice<Role>("function"))}{e.IfNamed($" on {e.Key}")}",
            $"Until {e["endsOn"]}. {e["reason"]}"),
        ["DelegationRevoked"] = e => new("person_remove", Tone.Neutral, $"{e["toName"]} no longer stands in for {Name(e.Choice<Role>("function"))}{e.IfNamed($" on {e.Key}")}"),
        ["ConditionOpened"] = e => new("checklist", Tone.Info, $"Condition C{e["number"]}{e.IfNamed($" of {e.Key}")} is {e["ownerName"]}’s until {e["dueOn"]}", e["text"]),
        ["ConditionReported"] = e => new("rule", Tone.Info, $"Condition C{e["number"]}{e.IfNamed($" of {e.Key}")} reported as met", e["report"]),
        ["ConditionMet"] = e => new("check_circle", Tone.Good, $"Condition C{e["number"]}{e.IfNamed($" of {e.Key}")} is met", $"{Name(e.Choice<Role>("function"))} agreed"),
        ["ConditionSentBack"] = e => new("undo", Tone.Warning, $"Condition C{e["number"]}{e.IfNamed($" of {e.Key}")} is not met yet", e["reason"]),
        ["ConditionMoved"] = e => new("event", Tone.Neutral, $"Condition C{e["number"]}{e.IfNamed($" of {e.Key}")} is {e["ownerName"]}’s until {e["dueOn"]} now", e["reason"]),
        ["CommentWritten"] = e => new("forum", Tone.Neutral, $"Comment{e.IfNamed($" on {e.Key}")}", e["text"]),
        ["QuestionResolved"] = e => new("task_alt", Tone.Good, $"Comments at a question{e.IfNamed($" of {e.Key}")} resolved", Intake.Questions.Find(e["question"])?.Label),
        ["QuestionReopened"] = e => new("undo", Tone.Neutral, $"Comments at a question{e.IfNamed($" of {e.Key}")} opened again", Intake.Questions.Find(e["question"])?.Label),
        ["CommentRetracted"] = e => new("undo", Tone.Neutral, $"Comment{e.IfNamed($" on {e.Key}")} taken back"),
        ["LaneFaulted"] = e => new("error", Tone.Bad, $"Review of {e.UseCase("it")} stopped at an error", $"{e["activity"]}: {e["message"]}"),
        ["LaneRetried"] = e => new("refresh", Tone.Info, $"Review of {e.UseCase("it")} tried again", e["reason"]),
        ["LaneUpgraded"] = e => new("upgrade", Tone.Info, $"Review of {e.UseCase("it")} moved to version {e["toVersion"]} of its workflow", $"From version {e["fromVersion"]}. {e["reason"]}"),
        ["ReviewCancelled"] = e => new("cancel", Tone.Warning, $"Review of {e.UseCase(Lowered(e.Revision))} cancelled, nothing approved", e["reason"]),
        ["CredentialBound"] = e => new("link", Tone.Good, $"Credential bound{e.IfNamed($" to {e.Key}")}", Credential(e)),
        ["CredentialUnbound"] = e => new("link_off", Tone.Warning, $"Credential taken{e.IfNamed($" from {e.Key}")}", Credential(e)),
        ["KillSwitchEngaged"] = Engaged,
        ["KillSwitchReleaseStarted"] = e => new("lock_open", Tone.Info, $"Switch of {Target(e)} released by the first of two", e["reason"]),
        ["KillSwitchReleased"] = e => new("play_circle", Tone.Good, $"Switch of {Target(e)} released",
            $"With {e["firstReleasedBy"]}{(e["secondReleasedBy"] is { Length: > 0 } second ? $" and {second}" : "")}. {e["reason"]}"),
        ["KillSwitchReleaseLimited"] = e => new("tune", Tone.Warning, $"Switch of {Target(e)} released for {e["share"]} % of the requests", $"With {e["firstReleasedBy"]}. {e["reason"]}"),
        ["EnforcementRecovered"] = e => new("settings_backup_restore", Tone.Bad, "The database was restored to an earlier state of enforcement",
            $"Generation {e["found"]} instead of {e["remembered"]}; raised to {e["raisedTo"]}. {InWords.Count(e.All("engagedAgain").Count, "switch", "switches")} engaged again"),
        ["ActuatorConfigured"] = e => new("settings_ethernet", Tone.Neutral, $"Gateway {e["gateway"]} is told what is stopped", $"As {e["name"]}, {e["kind"]}"),
        ["ActuatorRemoved"] = e => new("settings_ethernet", Tone.Warning, $"{e["name"]} is told no more what is stopped"),
        ["PushConfirmed"] = e => new("verified", Tone.Good, $"Gateway {e["gateway"]} read back as it should be", $"Generation {e["generation"]}, {e["blocked"]} blocked. As {e["name"]}"),
        ["PushNotConfirmed"] = e => new("sync_problem", Tone.Bad, $"Gateway {e["gateway"]} read back otherwise", e["detail"]),
        ["GatewayLost"] = e => new("link_off", Tone.Bad, $"Gateway {e["gateway"]} cannot be told what is stopped", e["detail"]),
        ["GatewayDriftCorrected"] = e => new("build", Tone.Warning, $"{e["name"]} had changed and was changed back", string.Join("; ", e.All("drift"))),
        ["RestoreNoticed"] = e => new("settings_backup_restore", Tone.Bad, "The audit log is not the one that was signed: the database was restored",
            $"{e["signedEntries"]} entries were signed. The generation of enforcement was raised from {e["found"]} to {e["raisedTo"]}"),
        ["AttemptRefused"] = e => new("block", Tone.Warning, $"Refused: {Spaced(e["attempted"]).ToLowerInvariant()} of {e["target"]}", $"Rule {e["rule"]}"),
        ["KillCriterionTightened"] = e => new("tune", Tone.Info, $"Limit of K{e["criterion"]}{e.IfNamed($" of {e.Key}")} tightened from {e["before"]} to {e["limit"]}", e["reason"]),
        ["FeedbackEntered"] = e => new("rate_review", Tone.Neutral, $"{e["opinion"] switch { "negative" => "Negative", "positive" => "Positive", _ => "Neutral" }} feedback{e.IfNamed($" on {e.Key}")} entered"),
        ["FeedbackTriaged"] = e => new("label", Tone.Info, $"Feedback{e.IfNamed($" on {e.Key}")} triaged as {FixName(e["fix"])}{(e["assigneeName"] is { Length: > 0 } who ? $", for {who}" : "")}", e["note"]),
        ["FeedbackDone"] = e => new("task_alt", Tone.Good, $"Feedback{e.IfNamed($" on {e.Key}")} done", e["note"]),
        ["DrillEnded"] = e => new("timer", e.Choice<DrillOutcome>("outcome") is DrillOutcome.Met ? Tone.Good : Tone.Warning,
            $"Drill of {(e["target"] == StartDrill.Canary ? "the canary" : e["target"])} {DrillWords.Ended(e.Choice<DrillOutcome>("outcome"))}", e["reason"]),
        ["VersionApproved"] = e => new("verified", Tone.Good, $"{Spaced(e["component"])} {e["name"]} version {e["version"]} approved{e.IfNamed($" for {e.Key}")}"),
        ["DutyMissed"] = e => new("schedule", Tone.Warning, $"{e.UseCase("It")} has no current {DutyName(e["duty"])}", $"Its calls are denied from {Day(e["deniesFrom"])}"),
        ["DutyDenied"] = e => new("block", Tone.Bad, $"Calls of {e.UseCase("this use case")} are denied: no current {DutyName(e["duty"])}"),
        ["DutyMet"] = e => new("task_alt", Tone.Good, $"{e.UseCase("It")} has a current {DutyName(e["duty"])} again, or needs none"),
        ["DpiaStarted"] = e => new("policy", Tone.Neutral, $"{e["dpia"]}{e.IfNamed($" of {e.Key}")} started", $"Template {e["templateVersion"]}"),
        ["DpiaReopened"] = e => new("undo", Tone.Warning, $"{e["dpia"]}{e.IfNamed($" of {e.Key}")} opened again", $"Changed: {string.Join(", ", e.All("changed"))}"),
        ["DpiaAdviceAsked"] = e => new("help", Tone.Info, $"The officer was asked to advise on {e["dpia"]}{e.IfNamed($" of {e.Key}")}", $"Until {Day(e["dueAt"])}"),
        ["DpiaOverdue"] = e => new("alarm", Tone.Warning, $"{e["dpia"]}{e.IfNamed($" of {e.Key}")} is overdue", $"It waited for {e["step"] switch { "advice" => "the officer\u2019s advice", "answer" => "an answer to the advice", _ => "a signature" }} until {Day(e["dueAt"])}; told for the {Ordinal(e["level"])} time"),
        ["DpiaAdvised"] = e => new("rate_review", Tone.Info, $"The officer advised on {e["dpia"]}{e.IfNamed($" of {e.Key}")}", e["advice"]),
        ["DpiaAdviceAnswered"] = e => new("reply", Tone.Info, $"Advice on {e["dpia"]}{e.IfNamed($" of {e.Key}")} {(e["accepted"] == "true" ? "accepted" : "overruled")}", e["reasons"]),
        ["DpiaSignedOff"] = e => new("verified", Tone.Good, $"{e["dpia"]}{e.IfNamed($" of {e.Key}")} signed off, version {e["number"]}", $"Residual risk {e["residualRisk"]}, looked at again on {e["reviewOn"]}"),
        ["CardStarted"] = e => new("badge", Tone.Neutral, $"{e["card"]}{e.IfNamed($" of {e.Key}")} started", $"{Spaced(e["kind"])} card of {e["name"]} {e["modelVersion"]}"),
        ["CardPublished"] = e => new("verified", Tone.Good, $"{e["card"]}{e.IfNamed($" of {e.Key}")} published, version {e["number"]}", $"{e["name"]}, good until {e["expiresOn"]}"),
        ["CardGiven"] = e => new("person_add", Tone.Neutral, $"{e["card"]}{e.IfNamed($" of {e.Key}")} is {e["ownerName"]}’s now"),
        ["GateResultRecorded"] = e => new("science", Tone.Neutral, $"{e["suite"]} run on {Artefact(e)}{e.IfNamed($" of {e.Key}")}", string.Join(", ", e.All("figures"))),
        ["PipelineKeyAdded"] = e => new("key", Tone.Info, $"Signing key “{e["name"]}” added{e.IfNamed($" for {e.Key}")}", e["fingerprint"]),
        ["PipelineKeyRevoked"] = e => new("key_off", Tone.Bad, $"Signing key “{e["name"]}” revoked{e.IfNamed($" for {e.Key}")}", e["reason"]),
        ["GateMetricSet"] = e => new("tune", Tone.Info, $"Gate{e.IfNamed($" of {e.Key}")} asks {e["metric"]} {(e["atLeast"] is { Length: > 0 } floor ? $"at least {floor}" : $"at most {e["atMost"]}")}", e["reason"]),
        ["PromotionRequested"] = e => new("upgrade", Tone.Info, $"Promotion of {Artefact(e)}{e.IfNamed($" of {e.Key}")} asked for", e["summary"]),
        ["PromotionDecided"] = e => new(e["approves"] == "true" ? "check_circle" : "block", e["approves"] == "true" ? Tone.Good : Tone.Bad,
            $"{Name(e.Choice<Role>("function"))} {(e["approves"] == "true" ? "agreed to" : "vetoed")} promotion P{e["promotion"]}{e.IfNamed($" of {e.Key}")}", e["comment"]),
        ["PromotionSettled"] = e => new("task_alt", e["outcome"] == "approved" ? Tone.Good : Tone.Neutral, $"Promotion P{e["promotion"]}{e.IfNamed($" of {e.Key}")} {e["outcome"]}"),
        ["RedTeamFindingReported"] = e => new("bug_report", Tone.Warning, $"{e["finding"]}{e.IfNamed($" of {e.Key}")} reported, {e["severity"]}, {Spaced(e["owasp"]).ToLowerInvariant()}", $"{e["title"]}. For {e["ownerName"]} until {e["dueOn"]}"),
        ["RedTeamFindingFixed"] = e => new("build", Tone.Info, $"{e["finding"]}{e.IfNamed($" of {e.Key}")} mended, waits for a second try", e["note"]),
        ["RedTeamFindingRetested"] = e => e["isMended"] == "true"
            ? new("task_alt", Tone.Good, $"{e["finding"]}{e.IfNamed($" of {e.Key}")} closed", e["note"])
            : new("undo", Tone.Warning, $"{e["finding"]}{e.IfNamed($" of {e.Key}")} open again", e["note"]),
        ["RedTeamFindingAccepted"] = e => new("schedule", Tone.Warning, $"{e["finding"]}{e.IfNamed($" of {e.Key}")} is lived with until {e["until"]}", e["note"]),
        ["AuditPackRequested"] = e => new("summarize", Tone.Neutral, $"Audit pack{About(e)} asked for"),
        ["AuditPackPrinted"] = e => new("summarize", Tone.Good, $"Audit pack{About(e)} printed and signed"),
        ["AuditPackCancelled"] = e => new("cancel", Tone.Neutral, $"Audit pack{About(e)} cancelled", $"{e["requestedBy"]} had asked for it"),
        ["AuditPackFailed"] = e => new("error", Tone.Bad, $"Audit pack{About(e)} not printed", e["why"]),
        ["CallsRepriced"] = e => new("price_change", Tone.Info, $"{e["changed"]} of {e["calls"]} calls priced again, ${e["costBefore"]} became ${e["costAfter"]}", e["reason"]),
        ["ErasureAsked"] = e => new("person_remove", Tone.Info, "Erasure of a person asked for", e["reason"]),
        ["ErasureTakenBack"] = e => new("undo", Tone.Neutral, "Erasure of a person taken back", e["reason"]),
        ["PersonalDataKeyChanged"] = e => new("key", Tone.Warning, "The key of personal data was changed", $"The keys of {InWords.Count(e.Number("people"), "person", "people")} were encrypted anew"),
        ["PersonErased"] = e => new("person_off", Tone.Warning, "A person was erased", $"{e["person"]}. {InWords.Count(e.Number("reports"), "report")} printed before may still name them"),
        ["IncidentReported"] = e => new("warning", Tone.Warning, $"{e["incident"]} reported", e["title"]),
        ["IncidentTriaged"] = e => new("flag", e["severity"] is "serious" or "critical" ? Tone.Bad : Tone.Info, $"{e["incident"]} triaged as {e["severity"]}", $"{Spaced(e["category"])}{(e.All("harms") is { Count: > 0 } harms ? $", harm: {string.Join(", ", harms)}" : "")}"),
        ["IncidentNoted"] = e => new("edit_note", Tone.Neutral, $"{Spaced(e["kind"])} noted in {e["incident"]}", e["text"]),
        ["IncidentMoved"] = e => new("trending_flat", e["to"] is "resolved" or "closed" ? Tone.Good : Tone.Info, $"{e["incident"]} is {e["to"]}", e["reason"]),
        ["IncidentRoleGiven"] = e => new("badge", Tone.Neutral, $"{e["personName"]} is {e["role"]} of {e["incident"]}{(e["fromName"] is { Length: > 0 } from ? $", after {from}" : "")}", e["note"]),
        ["IncidentSwitchLinked"] = e => new("power_settings_new", Tone.Bad, $"Stop of {(e["target"] == "*" ? "everything" : e["target"])} belongs to {e["incident"]}", $"Generation {e["generation"]}"),
        ["EvidenceLocked"] = e => new("lock", Tone.Info, $"Evidence of {e["lockedUseCase"]} locked for {e["incident"]}", e["manifestHash"]),
        ["EvidenceLockLifted"] = e => new("lock_open", Tone.Neutral, $"Lock on the evidence of {e["lockedUseCase"]} for {e["incident"]} lifted", e["reason"]),
        ["IncidentClockStarted"] = e => new("timer", Tone.Warning, $"A deadline of {e["incident"]} runs", $"{e["source"]}, due {e["dueAt"]}"),
        ["IncidentClockSettled"] = e => new("notifications_active", e["isLate"] == "true" ? Tone.Warning : Tone.Good, $"A deadline of {e["incident"]} is {(e["state"] == "done" ? "met" : "not required")}{(e["isLate"] == "true" ? ", late" : "")}", $"{e["rule"]}. {e["reason"]} {e["reference"]}".Trim()),
        ["IncidentClockOverdue"] = e => new("timer_off", Tone.Bad, $"A deadline of {e["incident"]} has passed", e["rule"]),
        ["IncidentMessageDrafted"] = e => new("mail", Tone.Neutral, $"Message {e["number"]} of {e["incident"]} drafted"),
        ["IncidentMessageDecided"] = e => new("mark_email_read", e["state"] == "sent" ? Tone.Good : Tone.Warning, $"Message {e["number"]} of {e["incident"]} {(e["state"] == "sent" ? $"sent to {e["peopleTold"]} people" : "not approved")}", e["note"]),
        ["PostMortemWritten"] = e => new("troubleshoot", Tone.Info, $"Post-mortem of {e["incident"]} written", e["causes"]),
        ["IncidentActionOpened"] = e => new("assignment", Tone.Info, $"Action A{e["number"]} of {e["incident"]} is {e["ownerName"]}’s until {e["dueOn"]}", e["text"]),
        ["IncidentActionMoved"] = e => new("assignment_turned_in", e["state"] == "verified" ? Tone.Good : Tone.Neutral, $"Action A{e["number"]} of {e["incident"]} is {e["state"]}", e["note"]),
        ["RunbookStarted"] = e => new("menu_book", Tone.Info, $"Runbook {e["runbook"]} started in {e["incident"]}", $"{e["steps"]} steps"),
        ["RunbookStepSettled"] = e => new("check_box", Tone.Neutral, $"Step {e["number"]} of {e["runbook"]} {e["state"]} in {e["incident"]}", e["note"]),
        ["OperationsReviewHeld"] = e => new("groups", Tone.Info, $"Operations review of {e["week"]} held", e["note"]),
        ["CampaignOpened"] = e => new("radar", Tone.Info, $"Campaign {e["campaign"]} opened for {e["quarter"]}", $"{e["ownerName"]} leads it, due {e["dueOn"]}"),
        ["CampaignChanged"] = e => new("edit", Tone.Neutral, $"Scope of {e["campaign"]} changed", $"{e["ownerName"]} leads it, due {e["dueOn"]}"),
        ["CampaignDepartmentsGiven"] = e => new("badge", Tone.Neutral, $"List of departments given to {e["campaign"]}", $"{e["lines"]} lines, kept sealed"),
        ["CampaignSigned"] = e => new("draw", Tone.Info, $"{e["campaign"]} signed for {Name(e.Choice<Role>("function"))}", e["note"]),
        ["CampaignClosed"] = e => new("task_alt", Tone.Good, $"{e["campaign"]} closed", $"{e["findings"]} findings, signed by two functions"),
        ["CampaignNamesDestroyed"] = e => new("key_off", Tone.Neutral, $"Names of {e["campaign"]} destroyed", $"{e["people"]} pseudonyms lead to nobody any more"),
        ["SurveyAnswersReleased"] = e => new("forum", Tone.Neutral, $"{e["answers"]} answers of the survey of {e["campaign"]} released", "Of whom, nobody knows"),
        ["PersonRevealed"] = e => new("visibility", Tone.Warning, $"The name of a person in {e["campaign"]} was looked up", e["reason"]),
        ["UsageImportReceived"] = e => new("upload_file", Tone.Neutral, $"A file for {e["campaign"]} received", $"{e["format"]}, {e["bytes"]} bytes"),
        ["UsageImported"] = e => new("upload_file", Tone.Info, $"A file of {e["campaign"]} read: {e["lines"]} lines", $"{e["matched"]} of AI tools, {e["refused"]} refused, {e["newFindings"]} new findings"),
        ["UsageImportEnded"] = e => new("cancel", Tone.Warning, $"A file for {e["campaign"]} does not count", e["why"]),
        ["FindingDecided"] = e => new("gavel", Tone.Info, $"{e["tool"]} in {e["department"]}: {e["disposition"]}", $"{e["ownerName"]} until {e["dueOn"]}. {e["reason"]}"),
        ["FindingCarriedOut"] = e => new("check", Tone.Good, $"{e["tool"]}: {e["disposition"]}, carried out"),
        ["FindingPromoted"] = e => new("add_circle", Tone.Info, $"{e["tool"]} of a campaign became a draft{e.IfNamed($", {e.Key}")}"),
        ["FindingExceptionEnded"] = e => new("event_busy", Tone.Warning, $"The exception for {e["tool"]} ended on {e["until"]}", "It has to be decided again"),
        ["ExercisePlanned"] = e => new("event", Tone.Neutral, $"{e["exercise"]} planned for {e["plannedOn"]}", e["scenario"]),
        ["ExerciseSeated"] = e => new("event_seat", Tone.Neutral, $"{e["personName"]} plays {e["role"]} in {e["exercise"]}"),
        ["ExerciseStarted"] = e => new("play_arrow", Tone.Info, $"{e["exercise"]} started"),
        ["ExerciseStepDone"] = e => new("check_box", e["isInTime"] == "true" ? Tone.Good : Tone.Warning, $"Step {e["number"]} of {e["exercise"]} done{(e["isInTime"] == "true" ? "" : ", late")}", e["note"]),
        ["ExerciseDrilled"] = e => new("timer", e.Choice<DrillOutcome>("outcome") is DrillOutcome.Met ? Tone.Good : Tone.Warning, $"The switch was rehearsed in {e["exercise"]}", DrillWords.Ended(e.Choice<DrillOutcome>("outcome"))),
        ["ExerciseNoted"] = e => new("visibility", Tone.Neutral, $"Note in {e["exercise"]}", e["text"]),
        ["ExerciseEnded"] = e => new("sports_score", Tone.Info, $"{e["exercise"]} ended with {e["score"]} of 100", e["conclusion"]),
        ["ExerciseCancelled"] = e => new("cancel", Tone.Neutral, $"{e["exercise"]} cancelled", e["reason"]),
        ["ExerciseFindingOpened"] = e => new("assignment", Tone.Info, $"Finding F{e["number"]} of {e["exercise"]} is {e["ownerName"]}’s until {e["dueOn"]}", e["text"]),
        ["ExerciseFindingMoved"] = e => new("assignment_turned_in", e["state"] == "verified" ? Tone.Good : Tone.Neutral, $"Finding F{e["number"]} of {e["exercise"]} is {e["state"]}", e["note"]),
        ["LegalHoldSet"] = e => new("gavel", Tone.Info, $"Legal hold on {Held(e)} set", e["reason"]),
        ["LegalHoldLifted"] = e => new("gavel", Tone.Neutral, $"Legal hold on {Held(e)} lifted", e["reason"]),
        ["RolloutPlanned"] = e => new("groups", Tone.Info, $"Rollout{e.IfNamed($" of {e.Key}")} planned: {string.Join(", ", e.All("shares").Select(s => $"{s} %"))}", $"{InWords.Count(e.Number("cohorts"), "cohort")}, {InWords.Count(e.Number("eligible"), "eligible person", "eligible people")}. {string.Join(" · ", e.All("limits").Where(l => l.Length > 0))}"),
        ["RolloutDecided"] = e => e["step"] switch
        {
            "goBack" => new("undo", Tone.Warning, $"{e.UseCase("It")} taken back to phase {e["toPhase"]}, {e["share"]} %", e["reason"]),
            "stay" => new("pause", Tone.Neutral, $"{e.UseCase("It")} stays in phase {e["toPhase"]}, {e["share"]} %", e["reason"]),
            _ => new("trending_up", Tone.Good, $"{e.UseCase("It")} opened to {e["share"]} %, phase {e["toPhase"]}", string.Join("; ", [e["reason"], .. e.All("measured")])),
        },
        ["RolloutAgreed"] = e => new("thumb_up", Tone.Good, $"Champion agreed for {e["cohort"]}{e.IfNamed($", {e.Key}")}", $"Phase {e["phase"]} may move on"),
        ["ChampionNamed"] = e => new("person_add", Tone.Info, $"{e["personName"]} asked to be champion for {e["department"]}", $"{e["fromOn"]} to {e["untilOn"]}"),
        ["ChampionAnswered"] = e => e["accepts"] == "true" ? new("volunteer_activism", Tone.Good, $"Champion for {e["department"]} accepted") : new("block", Tone.Neutral, $"Champion for {e["department"]} declined", e["reason"]),
        ["ChampionEnded"] = e => new("person_off", Tone.Neutral, $"Champion for {e["department"]} is one no longer", e["reason"]),
        ["FailureShared"] = e => new("lightbulb", Tone.Info, $"Failure {e["failure"]} shared", e["title"]),
        ["FailurePublished"] = e => new("publish", Tone.Good, $"Failure {e["failure"]} published", e["title"]),
        ["FailureWithdrawn"] = e => new("undo", Tone.Warning, $"Failure {e["failure"]} withdrawn", e["reason"]),
        ["FailureMet"] = e => new("add", Tone.Neutral, $"Failure {e["failure"]} happened to somebody else too"),
        ["CourseAdded"] = e => new("school", Tone.Info, $"Course {e["course"]} added", $"{e["title"]}, good for {e["validForDays"]} days"),
        ["CourseChanged"] = e => new("school", Tone.Neutral, $"Course {e["course"]} changed", $"Edition {e["edition"]}, those from edition {e["oldestCounting"]} on count, good for {e["validForDays"]} days"),
        ["CourseRequired"] = e => new("school", Tone.Warning, $"{e.UseCase("It")} asks its users for the course {e["course"]}", "Whom the register does not know is denied"),
        ["CourseNoLongerRequired"] = e => new("school", Tone.Neutral, $"{e.UseCase("It")} no longer asks its users for the course {e["course"]}"),
        ["CourseRetired"] = e => new("school", Tone.Neutral, $"Course {e["course"]} retired"),
        ["TrainingRecorded"] = e => new("school", Tone.Info, $"{InWords.Count(e.Number("recorded"), "completed course")} recorded", $"{e["known"]} known already, {e["refused"]} refused"),
        ["TrainingWithdrawn"] = e => new("undo", Tone.Warning, $"A completion of {e["course"]} counts no more", e["reason"]),
        ["ChannelAdded"] = e => new("campaign", Tone.Info, $"Channel {e["name"]} is told of {InWords.Count(e.All("toldKinds").Count, "kind")} of occasions", $"{e["kind"]}, {e["host"]}"),
        ["ChannelChanged"] = e => new("campaign", Tone.Neutral, $"Channel {e["name"]} {(e["isPaused"] == "true" ? "is paused" : "changed")}", $"{InWords.Count(e.All("toldKinds").Count, "kind")} of occasions{(e["isAddressReplaced"] == "true" ? ", another address" : "")}"),
        ["ChannelRemoved"] = e => new("campaign", Tone.Warning, $"Channel {e["name"]} is told no more"),
        ["MessageRetried"] = e => new("refresh", Tone.Info, $"A message{(e["subject"] is { Length: > 0 } about ? $" about {about}" : "")} is sent again", e["channel"]),
        ["MessageDropped"] = e => new("delete", Tone.Warning, $"A message{(e["subject"] is { Length: > 0 } about ? $" about {about}" : "")} that did not leave was dropped", e["reason"]),
        ["MachineTokenIssued"] = e => new("key", Tone.Info, $"Token “{e["name"]}” issued{e.IfNamed($" for {e.Key}")}", string.Join(", ", e.All("scopes"))),
        ["MachineTokenRevoked"] = e => new("key_off", Tone.Warning, $"Token “{e["name"]}” revoked"),
        ["PersonRegistered"] = e => new("person_add", Tone.Neutral, $"{e["person"].Split('@')[0]} joined",
            $"As {Joined([.. e.Choices<Role>("roles").Select(Name)])}"),
    };

    /// <summary>Whether there is a sentence for this kind of event; others are told by their name.</summary>
    public static bool Knows(string action) => Sentences.ContainsKey(action);

    /// <param name="happened">An entry of the audit log.</param>
    /// <param name="named">Says the key of the use case and links to it: for lists in which many use cases meet.</param>
    public static TimelineEntry Of(Governance.Audit.TimelineEntry happened, bool named = false)
    {
        var telling = new Telling(happened, named);
        var told = Sentences.TryGetValue(happened.Action, out var sentence)
            ? sentence(telling)
            : new Told("history", Tone.Neutral, telling.UseCase(Spaced(happened.Action)), named ? Spaced(happened.Action) : null);
        return new TimelineEntry(
            told.Icon, told.Tone, told.Title, happened.OccurredAt, telling.IsByRule ? $"the portal, rule “{happened.ActorName}”" : happened.ActorName,
            told.Note is { Length: > 0 } note ? note : null, named && telling.Key.Length > 0 ? $"/use-cases/{telling.Key}" : null);
    }

    public static string Name(Role role) => role is Role.CoeLead ? "CoE lead" : role.ToString();

    private static Told Decision(Telling e)
    {
        var (function, subject) = (Name(e.Choice<Role>("function")), e.UseCase(Lowered(e.Revision)));
        var conditions = e.All("conditions");
        var behalf = e["onBehalfOfName"] is { Length: > 0 } absent ? $"For {absent}. " : "";
        var note = behalf + (conditions.Count == 0 ? e["comment"] : $"With {InWords.Count(conditions.Count, "condition")}. {e["comment"]}");
        return e.Choice<DecisionKind>("decision") switch
        {
            DecisionKind.Approve => new("check_circle", Tone.Good, $"{function} approved {subject}", note),
            DecisionKind.ApproveWithConditions => new("check_circle", Tone.Good, $"{function} approved {subject}", note),
            DecisionKind.RequestChanges => new("edit_note", Tone.Info, $"{function} asked for changes to {subject}", note),
            _ => new("block", Tone.Bad, $"{function} vetoed {subject}", note),
        };
    }

    private static Told Settled(Telling e)
    {
        var review = $"Review of {e.UseCase(Lowered(e.Revision))}";
        return e.Choice<RoundStatus>("outcome") switch
        {
            RoundStatus.Approved => new("task_alt", Tone.Good, $"{review} ended, approved"),
            RoundStatus.ChangesRequested => new("edit_note", Tone.Info, $"{review} ended, changes asked"),
            RoundStatus.Vetoed => new("block", Tone.Bad, $"{review} ended, declined"),
            RoundStatus.Cancelled => new("cancel", Tone.Warning, $"{review} cancelled"),
            RoundStatus.Withdrawn => new("undo", Tone.Neutral, $"{review} ended, withdrawn"),
            _ => new("history", Tone.Neutral, $"{review} ended"),
        };
    }

    private static Told Engaged(Telling e)
    {
        var (icon, tone) = e.Choice<SwitchMode>("mode") switch
        {
            SwitchMode.Stop => ("stop_circle", Tone.Bad),
            SwitchMode.Degrade => ("south", Tone.Warning),
            _ => ("undo", Tone.Warning),
        };
        var title = e.IsByRule && e.Choice<SwitchScope>("scope") is SwitchScope.UseCase && e.Choice<SwitchMode>("mode") is SwitchMode.Stop
            ? $"{e.UseCase("It")} stopped itself"
            : $"Switch of {Target(e)} engaged, {ModeName(e.Choice<SwitchMode>("mode"))}";
        return new(icon, tone, title, e["reason"]);
    }

    private static string Instead(Telling e) => Joined(
        [.. new[] { e["classTo"] is { Length: > 0 } toClass ? $"class {toClass}" : "", e["laneTo"] is { Length: > 0 } toLane ? $"{toLane} lane" : "" }.Where(part => part.Length > 0)]);

    private static string Target(Telling e) => e.Choice<SwitchScope>("scope") switch
    {
        SwitchScope.All => "everything",
        SwitchScope.Model => $"model {e["target"]}",
        SwitchScope.Gateway => $"gateway {e["target"]}",
        _ => e["target"],
    };

    private static string Artefact(Telling e) => $"{Lowered(e["component"])} {e["artefact"]}@{e["artefactVersion"]}";

    private static string About(Telling e) => e.Key.Length > 0 ? e.IfNamed($" of {e.Key}") : e["subject"] is { Length: > 0 } subject ? $" of {subject}" : "";

    private static string Day(string instant) =>
        DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, out var at) ? at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture) : instant;

    private static string Held(Telling e) => e["kind"] == "useCase" ? e["target"] : "a person";

    private static string Credential(Telling e) =>
        $"{Spaced(e["kind"])} {e["value"]}{(e["gateway"] is { Length: > 0 } gateway ? $" on {gateway}" : "")}";

    private static string LaneName(Lane lane) => lane is Lane.NotAllowed ? "not allowed" : $"{Lowered(lane.ToString())} lane";

    private static string RiskName(RiskClass riskClass) => riskClass is RiskClass.Prohibited ? "prohibited" : $"{Lowered(riskClass.ToString())} risk";

    private static string ModeName(SwitchMode mode) => mode switch
    {
        SwitchMode.Stop => "stop",
        SwitchMode.Degrade => "baseline only",
        _ => "roll back",
    };

    private static string Lowered(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string DutyName(string duty) => duty switch { "card" => "system card", "dpia" => "impact assessment", _ => "gate" };

    private static string FixName(string fix) => fix == "ui" ? "UI" : Lowered(fix);

    private static string Ordinal(string number) => number switch
    {
        "1" => "first",
        "2" => "second",
        "3" => "third",
        _ => number + "th",
    };

    private static string Joined(IReadOnlyList<string> parts) =>
        parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}";

    /// <summary>"CardExpired" becomes "Card expired".</summary>
    public static string Spaced(string name)
    {
        var words = new StringBuilder();
        foreach (var letter in name)
        {
            words.Append(words.Length == 0 ? char.ToUpperInvariant(letter).ToString()
                : char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter)
                : letter.ToString());
        }

        return words.ToString();
    }

    private sealed record Told(string Icon, Tone Tone, string Title, string? Note = null);

    // The body was written by whichever version of the portal was running then: a missing part is an empty word, not a failure.
    private sealed class Telling(Governance.Audit.TimelineEntry happened, bool named)
    {
        private readonly JsonNode _body = happened.Details;

        // A rule has no person behind it; its id ends with the tenant of rules.
        public bool IsByRule { get; } = new Actor(new PersonId(happened.ActorId), happened.ActorName, new HashSet<Role>(), "").IsRule;

        public string Key { get; } = KeyOf(happened);

        public bool Named => named && Key.Length > 0;

        /// <summary>What a review is about, where it is not the revision itself.</summary>
        private string Topic => this["topic"];

        public string Revision => Topic.Length > 0 ? Topic : this["revision"] is { Length: > 0 } number ? $"Revision {number}" : "Revision";

        public string this[string property] => _body[property] switch
        {
            null => "",
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
        };

        public int Number(string property) => int.TryParse(this[property], NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

        public string UseCase(string alone) => !Named ? alone : Topic.Length > 0 ? $"{Topic} of {Key}" : Key;

        public string IfNamed(string text) => Named ? text : "";

        public IReadOnlyList<string> All(string property) =>
            _body[property] is JsonArray items ? [.. items.Select(i => i?.ToString() ?? "")] : [];

        public TEnum Choice<TEnum>(string property)
            where TEnum : struct, Enum => Enum.TryParse<TEnum>(this[property], ignoreCase: true, out var value) ? value : default;

        public IEnumerable<TEnum> Choices<TEnum>(string property)
            where TEnum : struct, Enum => All(property).Select(t => Enum.TryParse<TEnum>(t, ignoreCase: true, out var value) ? value : default);

        // The subject of a round is "UC-0001/2", of a switch "UseCase/UC-0001".
        private static string KeyOf(Governance.Audit.TimelineEntry happened) =>
            happened.SubjectKey.Split('/').FirstOrDefault(part => part.StartsWith("UC-", StringComparison.Ordinal)) ?? "";
    }
}

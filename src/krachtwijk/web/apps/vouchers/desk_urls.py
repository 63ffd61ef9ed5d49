# SPDX-License-Identifier: EUPL-1.2
"""The desks of residents' money, a block per desk."""

from django.urls import path

from krachtwijk.web.apps.vouchers.views import cases, funds, helper

app_name = "voucherdesk"
urlpatterns = [
    path("", cases.desks, name="desks"),
    # regiegroep, college, objections
    path("<slug:fund>/aanvragen/", cases.queue, name="queue"),
    path("<slug:fund>/besloten/", cases.decided, name="decided"),
    path("<slug:fund>/overleg.pdf", cases.meeting, name="meeting"),
    path("<slug:fund>/besluiten.pdf", cases.minutes, name="minutes"),
    path("<slug:fund>/aanvragen/<slug:case>/", cases.case, name="case"),
    path("<slug:fund>/aanvragen/<slug:case>/stemmen/", cases.voices, name="voices"),
    path("<slug:fund>/aanvragen/<slug:case>/brief.<str:form>", cases.letter, name="letter"),
    path("<slug:fund>/aanvragen/<slug:case>/<slug:type>/", cases.do, name="act"),
    # the college about its fund
    path("<slug:fund>/fonds/", funds.fund, name="fund"),
    path("<slug:fund>/fonds/rol/", funds.appoint, name="appoint"),
    path("<slug:fund>/fonds/rol/<int:number>/einde/", funds.end, name="end"),
    path("<slug:fund>/fonds/<slug:type>/", funds.do, name="fund_act"),
    # the helper
    path("<slug:fund>/hulp/", helper.desk, name="helper"),
    path("<slug:fund>/hulp/zaak/<str:case>/", helper.case, name="helper_case"),
    path("<slug:fund>/hulp/zaak/<str:case>/nieuwe-code/", helper.new_code, name="helper_code"),
    path("<slug:fund>/hulp/zaak/<str:case>/woonbrief/", helper.residence_letter, name="helper_residence"),
    path("<slug:fund>/hulp/vraag/<int:referral>/", helper.question, name="helper_question"),
]
